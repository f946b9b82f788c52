import { cleanup, fireEvent, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { chordOf } from '~/shared/lib/keys';
import { doAction, offeredActions, useActionKeys, useActions, useOtherKeys } from './actions';

beforeEach(() => {
  document.body.innerHTML = '<main data-letters="commands"><a></a><div data-letters="none"><button></button></div></main><textarea></textarea>';
  renderHook(() => useActionKeys());
});
afterEach(cleanup);
afterEach(() => void (document.body.innerHTML = ''));

const [act, other] = [vi.fn(), vi.fn()];
beforeEach(() => [act, other].forEach((fn) => fn.mockClear()));

const el = (selector: string) => document.querySelector(selector)!;
const press = (where: string, code: string, held: object = {}) => fireEvent.keyDown(el(where), { code, ...held });

test('keys go by their place: a Hebrew layout types something else on E', () => {
  expect(chordOf({ code: 'KeyE', ctrlKey: false, metaKey: false, shiftKey: false, altKey: false })).toBe('KeyE');
  renderHook(() => useActions({ resolve: act }));
  fireEvent.keyDown(el('a'), { code: 'KeyE', key: 'ק' });
  expect(act).toHaveBeenCalledOnce();
});

test('letters are what somebody types where neither list nor thread has the focus, and while a voice message is recorded', () => {
  renderHook(() => useActions({ resolve: act, help: other }));
  for (const where of ['body', 'button']) press(where, 'KeyE');
  expect(act).not.toHaveBeenCalled();
  press('body', 'Slash', { shiftKey: true });
  expect(other).toHaveBeenCalledOnce();
  el('div').setAttribute('data-recording', '');
  press('a', 'KeyE');
  expect(act).not.toHaveBeenCalled();
});

test('while somebody types only keys with Ctrl, Cmd or Alt count; Alt with the letter of an action does it', () => {
  renderHook(() => useActions({ resolve: act, palette: other }));
  press('textarea', 'KeyE');
  expect(act).not.toHaveBeenCalled();
  press('textarea', 'KeyK', { metaKey: true });
  expect(other).toHaveBeenCalledOnce();
  press('textarea', 'KeyE', { altKey: true });
  expect(act).toHaveBeenCalledOnce();
});

test('under a dialog letters are off, with Alt too', () => {
  renderHook(() => useActions({ resolve: act }));
  document.body.appendChild(document.createElement('div')).setAttribute('role', 'dialog');
  press('a', 'KeyE');
  press('textarea', 'KeyE', { altKey: true });
  expect(act).not.toHaveBeenCalled();
});

test('the field hears its own keys: Enter outside of it sends nothing', () => {
  renderHook(() => useActions({ send: act, undo: act }));
  press('a', 'Enter');
  press('a', 'KeyZ', { ctrlKey: true });
  expect(act).not.toHaveBeenCalled();
});

test('two keys one after the other: the second means nothing else meanwhile, and too late it is itself', () => {
  vi.useFakeTimers();
  renderHook(() => useActions({ goSettings: act, snooze: other }));
  press('a', 'KeyG');
  press('a', 'KeyS');
  expect([act.mock.calls.length, other.mock.calls.length]).toEqual([1, 0]);
  press('a', 'KeyG');
  vi.advanceTimersByTime(2000);
  press('a', 'KeyS');
  expect([act.mock.calls.length, other.mock.calls.length]).toEqual([1, 1]);
  vi.useRealTimers();
});

test('what nothing on screen offers cannot be done; what was shown last is done', () => {
  expect(offeredActions()).toEqual([]);
  const first = renderHook(() => useActions({ leave: act }));
  const second = renderHook(({ on }: { on: boolean }) => useActions({ leave: on && other }), { initialProps: { on: true } });
  doAction('leave');
  second.rerender({ on: false });
  doAction('leave');
  first.unmount();
  doAction('leave');
  expect([other.mock.calls.length, act.mock.calls.length]).toEqual([1, 1]);
});

test('a macro’s key is heard before Alt with a letter, and never in the place of an action’s own', () => {
  renderHook(() => useActions({ bulk: other, remind: other }));
  renderHook(() => useOtherKeys({ 'Alt+KeyB': act, 'Alt+KeyM': act }));
  press('textarea', 'KeyB', { altKey: true });
  press('textarea', 'KeyM', { altKey: true });
  expect([act.mock.calls.length, other.mock.calls.length]).toEqual([1, 1]);
});
