import { fireEvent, renderHook } from '@testing-library/react';
import { describe, expect, test, vi } from 'vitest';
import { chordOf, useShortcuts } from './keys';
import { snoozeChoices, toLocalInput } from './snooze';

describe('shortcuts', () => {
  test('go by the place of the key: a Hebrew layout types something else on J', () => {
    expect(chordOf({ code: 'KeyJ', ctrlKey: false, metaKey: false, shiftKey: false, altKey: false })).toBe('KeyJ');
    const act = vi.fn();
    renderHook(() => useShortcuts({ KeyJ: act }));
    const list = document.body.appendChild(document.createElement('section'));
    list.setAttribute('data-letters', 'commands');
    fireEvent.keyDown(list, { code: 'KeyJ', key: 'ח' });
    expect(act).toHaveBeenCalledOnce();
    list.remove();
  });

  test('are letters somebody types where neither list nor thread has the focus, and while a voice message is recorded', () => {
    const [letter, help] = [vi.fn(), vi.fn()];
    renderHook(() => useShortcuts({ KeyE: letter, 'Shift+Slash': help }));
    document.body.innerHTML = '<main data-letters="commands"><a></a><div data-letters="none"><button></button></div></main>';
    for (const where of [document.body, document.querySelector('button')!]) fireEvent.keyDown(where, { code: 'KeyE' });
    expect(letter).not.toHaveBeenCalled();
    fireEvent.keyDown(document.body, { code: 'Slash', shiftKey: true });
    expect(help).toHaveBeenCalledOnce();
    fireEvent.keyDown(document.querySelector('a')!, { code: 'KeyE' });
    expect(letter).toHaveBeenCalledOnce();
    document.querySelector('div')!.setAttribute('data-recording', '');
    fireEvent.keyDown(document.querySelector('a')!, { code: 'KeyE' });
    expect(letter).toHaveBeenCalledOnce();
    document.body.innerHTML = '';
  });

  test('are off while somebody types, except those with Ctrl or Cmd', () => {
    const plain = vi.fn();
    const palette = vi.fn();
    renderHook(() => useShortcuts({ KeyE: plain, 'Mod+KeyK': palette }));
    const input = document.body.appendChild(document.createElement('textarea'));
    fireEvent.keyDown(input, { code: 'KeyE' });
    fireEvent.keyDown(input, { code: 'KeyK', metaKey: true });
    expect(plain).not.toHaveBeenCalled();
    expect(palette).toHaveBeenCalledOnce();
    input.remove();
  });

  test('are off under a dialog', () => {
    const act = vi.fn();
    renderHook(() => useShortcuts({ KeyE: act }));
    const list = document.body.appendChild(document.createElement('section'));
    list.setAttribute('data-letters', 'commands');
    const dialog = document.body.appendChild(document.createElement('div'));
    dialog.setAttribute('role', 'dialog');
    fireEvent.keyDown(list, { code: 'KeyE' });
    expect(act).not.toHaveBeenCalled();
    dialog.remove();
    list.remove();
  });
});

describe('snooze', () => {
  const keys = (now: Date, firstDay: number) => snoozeChoices(now, firstDay).map((c) => `${c.key} ${toLocalInput(c.until)}`);
  test('on a Tuesday morning', () => {
    expect(keys(new Date(2026, 10, 24, 10, 0), 0)).toEqual([
      'hour 2026-11-24T11:00', 'evening 2026-11-24T18:00', 'tomorrow 2026-11-25T09:00', 'week 2026-11-29T09:00',
    ]);
  });
  test('late in the day there is no evening left', () => {
    expect(keys(new Date(2026, 10, 24, 17, 0), 1)).toEqual(['hour 2026-11-24T18:00', 'tomorrow 2026-11-25T09:00', 'week 2026-11-30T09:00']);
  });
  test('on the eve of the week, tomorrow is the new week', () => {
    expect(keys(new Date(2026, 10, 28, 20, 0), 0)).toEqual(['hour 2026-11-28T21:00', 'tomorrow 2026-11-29T09:00']);
  });
});
