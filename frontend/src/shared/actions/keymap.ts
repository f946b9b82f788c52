/** Which key does what for this person: the registry's, unless they chose others. */
import { altKey, modKey } from '~/shared/lib/keyNames';
import { useLive } from '~/shared/realtime/store';
import { actionIds, actionOf, type ActionId } from './registry';

/** By an action, the key that somebody chose; empty: none. */
export type Chosen = Record<string, string>;

const noKeys: Chosen = {};

export const useChosenKeys = (): Chosen => useLive((s) => s.me?.keys ?? noKeys);
const chosenKeys = (): Chosen => useLive.getState().me?.keys ?? noKeys;

/** The key of an action; empty: none. */
export function keyOf(id: ActionId, chosen: Chosen = chosenKeys()): string {
  const { key = '', fixed } = actionOf(id);
  return fixed ? key : (chosen[id] ?? key);
}

/** What a key means, in the order of the registry. */
export const actionsAt = (chord: string): ActionId[] => (chord ? actionIds.filter((id) => keyOf(id) === chord) : []);

const bare = /^Key[A-Z]$/;

/** While somebody types, Alt with the letter of an action does it too, where that means nothing else: no Esc before each. */
export function whileTyping(chord: string): ActionId[] {
  const letter = chord.replace(/^Alt\+/, '');
  if (letter === chord || !bare.test(letter)) return [];
  return actionsAt(letter).filter((id) => actionOf(id).place === undefined);
}

/** Whether a key begins one of two keys, such as G in G I. */
export const beginsTwo = (chord: string) => actionIds.some((id) => keyOf(id).startsWith(`${chord} `));

/** Of those that have this key already and are heard where the action is: the first. */
export function holderOf(chord: string, id: ActionId, chosen: Chosen): ActionId | undefined {
  const { place } = actionOf(id);
  const meets = (other: ActionId) => {
    const theirs = actionOf(other).place;
    return !place || !theirs || place === theirs;
  };
  const clashes = (key: string) => key === chord || (key !== '' && (key.startsWith(`${chord} `) || chord.startsWith(`${key} `)));
  return actionIds.find((other) => other !== id && meets(other) && clashes(keyOf(other, chosen)));
}

const signs: Record<string, string> = {
  Mod: modKey, Alt: altKey, Escape: 'Esc', Slash: '/', Backslash: '\\', Comma: ',', Period: '.', Semicolon: ';', Quote: "'", Backquote: '`', Minus: '-', Equal: '=',
  BracketLeft: '[', BracketRight: ']', ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→',
};

/** What stands on the keys: Alt+Shift+Digit1 → Alt, Shift, 1; KeyG KeyI → G, I. */
export function keysOf(chord: string): string[] {
  if (chord === '') return [];
  return chord.split(' ').flatMap((one) => (one === 'Shift+Slash' ? ['?'] : one.split('+').map((part) => signs[part] ?? part.replace(/^(Key|Digit)/, ''))));
}

/** The same in one word, for hints. */
export const keyText = (chord: string) => chord.split(' ').map((one) => keysOf(one).join('+')).join(' ');

/** What a button is called, with its key where it has one: "Resolve (E)". */
export function useHint(): (label: string, id: ActionId) => string {
  const chosen = useChosenKeys();
  return (label, id) => {
    const key = keyOf(id, chosen);
    return key ? `${label} (${keyText(key)})` : label;
  };
}

/** An action's key as it is written on buttons. */
export const useKeyText = (id: ActionId) => keyText(keyOf(id, useChosenKeys()));

/** For aria-keyshortcuts, which knows one chord, by the names of the keys. */
export function useAriaKeys(id: ActionId): string | undefined {
  const key = keyOf(id, useChosenKeys());
  return key && !key.includes(' ') ? key.replace('Mod', modKey === '⌘' ? 'Meta' : 'Control').replace(/Key|Digit/, '') : undefined;
}
