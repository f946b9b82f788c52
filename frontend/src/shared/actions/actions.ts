/** Who can do an action now, and the keys that do it. */
import { useEffect, useRef } from 'react';
import { chordOf, isTyping, somethingLiesOver, takesLetters } from '~/shared/lib/keys';
import { actionsAt, beginsTwo, whileTyping } from './keymap';
import { actionIds, actionOf, type ActionId } from './registry';

/** What is offered; undefined or false: not just now. */
type Offers = Partial<Record<ActionId, (() => void) | false | undefined>>;

interface Offer {
  ids: Set<ActionId>;
  run: (id: ActionId) => void;
}

const offers: Offer[] = [];

const offerOf = (id: ActionId) => offers.findLast((offer) => offer.ids.has(id));

/** What can be done now, in the order of the registry. */
export const offeredActions = (): ActionId[] => actionIds.filter(offerOf);

/** Does it, where something on screen offers it: what was shown last comes first. */
export const doAction = (id: ActionId) => offerOf(id)?.run(id);

/** Offers actions for as long as this is on screen. */
export function useActions(given: Offers): void {
  const latest = useRef(given);
  useEffect(() => {
    latest.current = given;
  });
  const names = actionIds.filter((id) => given[id]).join(' ');
  useEffect(() => {
    const offer: Offer = {
      ids: new Set(names.split(' ') as ActionId[]),
      run: (id) => {
        const run = latest.current[id];
        if (run) run();
      },
    };
    offers.push(offer);
    return () => void offers.splice(offers.indexOf(offer), 1);
  }, [names]);
}

/** Keys that are no action of the app, such as those of macros. */
export type OtherKeys = Record<string, () => void>;

const others = new Set<{ current: OtherKeys }>();

/** Hears keys that people gave to things of their own. What an action has for its key is never theirs. */
export function useOtherKeys(keys: OtherKeys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    others.add(latest);
    return () => void others.delete(latest);
  }, []);
}

/** For how long the second of two keys is waited for, in ms. */
const within = 1500;

/** Whether a chord is heard where the focus is: without Ctrl, Cmd or Alt not while somebody types or a dialog is open, letters only where they are commands. */
function heard(chord: string, target: EventTarget | null): boolean {
  if (/^(Mod|Alt)\+/.test(chord)) return true;
  if (isTyping(target) || somethingLiesOver()) return false;
  return !/^(Shift\+)?Key/.test(chord) || takesLetters(target);
}

/** What a key means here and now. */
function meaning(chord: string, target: EventTarget | null): (() => void) | undefined {
  if (!heard(chord, target)) return undefined;
  const at = actionsAt(chord).filter((one) => actionOf(one).place !== 'field');
  const id = at.find(offerOf);
  if (id) return () => doAction(id);
  if (at.length > 0) return undefined;
  const other = [...others].find(({ current }) => current[chord])?.current[chord];
  if (other) return other;
  const typed = somethingLiesOver() ? undefined : whileTyping(chord).find(offerOf);
  return typed && (() => doAction(typed));
}

const holds = /^(Control|Shift|Alt|Meta)/;

/** Hears the keys of all actions, by where they are on the keyboard. Used once. */
export function useActionKeys(): void {
  useEffect(() => {
    let first = '';
    let until = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || holds.test(event.code)) return;
      const chord = chordOf(event);
      const second = Date.now() < until ? meaning(`${first} ${chord}`, event.target) : undefined;
      until = 0;
      const run = second ?? meaning(chord, event.target);
      if (run) {
        event.preventDefault();
        run();
      } else if (beginsTwo(chord) && heard(chord, event.target)) {
        first = chord;
        until = Date.now() + within;
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
