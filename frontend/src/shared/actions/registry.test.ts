/** The one list of what can be done: each action is named in every language, can be reached, and has its key alone. */
import { afterEach, describe, expect, test } from 'vitest';
import { me } from '~/dev/fixtures';
import ar from '~/shared/i18n/locales/ar/actions.json';
import en from '~/shared/i18n/locales/en/actions.json';
import he from '~/shared/i18n/locales/he/actions.json';
import { useLive } from '~/shared/realtime/store';
import { actionsAt, beginsTwo, holderOf, keyOf, keyText, whileTyping } from './keymap';
import { recordable } from '~/settings/recording';
import { actionIds, actionOf, groups } from './registry';

const sources = Object.entries(import.meta.glob<string>('~/**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true })).filter(([path]) => !/test|shared\/actions\//.test(path));
/** Only keys mean these; the palette is where one is already. */
const byKeyAlone = ['palette', 'leave', 'line', 'open', 'bold', 'italic', 'strike', 'mono'];

afterEach(() => useLive.setState({ me: null }));

const choose = (keys: Record<string, string>) => useLive.setState({ me: { ...me, keys } });

describe('every action', () => {
  test('has a name in each language, of its own', () => {
    for (const words of [en, he, ar]) {
      expect(Object.keys(words.do).toSorted()).toEqual(actionIds.toSorted());
      expect(new Set(Object.values(words.do)).size).toBe(actionIds.length);
      expect(Object.keys(words.group)).toEqual(expect.arrayContaining([...groups]));
    }
  });

  test.each(actionIds)('%s has a key, or something offers it, so that the palette shows it', (id) => {
    const { to, key } = actionOf(id);
    const offered = to !== undefined || sources.some(([, text]) => new RegExp(`useActions\\((?:(?!\\}\\);)[\\s\\S])*?\\b${id}: `).test(text));
    if (byKeyAlone.includes(id)) expect(key).toBeTruthy();
    else expect(offered).toBe(true);
  });

  test.each(actionIds)('%s shares its key with no other that is heard in the same place', (id) => {
    const key = keyOf(id, {});
    if (key) expect(holderOf(key, id, {})).toBeUndefined();
  });

  test.each(actionIds.filter((id) => !actionOf(id).fixed))('%s could be given its own key by a person', (id) => {
    const key = keyOf(id, {});
    if (key) expect(recordable(key, id)).toBeUndefined();
  });
});

describe('keys of one’s own', () => {
  test('take the place of the usual ones, and none is none', () => {
    choose({ resolve: 'KeyZ', note: '' });
    expect(actionsAt('KeyZ')).toEqual(['resolve']);
    expect([actionsAt('KeyE'), actionsAt('KeyN'), actionsAt('')]).toEqual([[], [], []]);
    expect(keyOf('leave', { leave: 'KeyZ' })).toBe('Escape');
  });

  test('work with Alt while somebody types, where that means nothing else', () => {
    expect(whileTyping('Alt+KeyE')).toEqual(['resolve']);
    expect([whileTyping('KeyE'), whileTyping('Alt+KeyJ'), whileTyping('Alt+Shift+KeyA')]).toEqual([[], [], []]);
    choose({ resolve: 'KeyZ' });
    expect(whileTyping('Alt+KeyZ')).toEqual(['resolve']);
  });

  test('are refused where another action has them, also as one of two', () => {
    expect(holderOf('KeyE', 'note', {})).toBe('resolve');
    expect(holderOf('KeyG', 'note', {})).toBe('goInbox');
    expect(holderOf('KeyE KeyI', 'goInbox', {})).toBe('resolve');
    expect(holderOf('KeyG KeyQ', 'goInbox', {})).toBeUndefined();
    expect(holderOf('Mod+KeyB', 'select', {})).toBeUndefined(); // in the list nothing is made bold
    expect(beginsTwo('KeyG')).toBe(true);
  });

  test('are none with which people write, or that belong to the browser', () => {
    for (const key of ['Space', 'Enter', 'Tab', 'ArrowDown', 'Mod+KeyW', 'Mod+KeyC', 'F5', 'KeyA KeyB KeyC']) expect(recordable(key, 'note'), key).toBe('unfit');
    for (const key of ['KeyZ', 'Alt+Shift+Digit1', 'Mod+KeyE', 'F2', 'KeyG KeyQ', 'Slash']) expect(recordable(key, 'note'), key).toBeUndefined();
    expect(recordable('KeyZ', 'bold')).toBe('needsHeld');
  });

  test('are written as they stand on a keyboard', () => {
    expect([keyText('KeyG KeyI'), keyText('Mod+Shift+KeyX'), keyText('Shift+Slash'), keyText('Alt+Digit1'), keyText('Escape')]).toEqual(['G I', 'Ctrl+Shift+X', '?', 'Alt+1', 'Esc']);
  });
});
