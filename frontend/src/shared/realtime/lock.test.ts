import { renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Me } from '~/shared/api/types';
import { endLock, hearLock, lockLasts, takeOver, useHeld, writes } from './lock';
import { resetLive, useLive } from './store';

let asked: { method: string; text?: string; take_over?: boolean }[];
let holder: string | null;

const view = (user_id: string | null, text = '', took_from = '') => ({ conversation_id: 'c1', user_id, name: 'Dana', text, until: null, took_from });

beforeEach(() => {
  vi.useFakeTimers();
  resetLive();
  useLive.setState({ me: { user: { id: 'usr_1' } } as Me });
  [asked, holder] = [[], null];
  hearLock(view(null));
  vi.stubGlobal('fetch', async (request: Request) => {
    const body = JSON.parse((await request.text()) || '{}');
    asked.push({ method: request.method, ...body });
    if (request.method === 'DELETE') return new Response(null, { status: 204 });
    if (holder && !body.take_over) return new Response(JSON.stringify({ code: 'locked', lock: view(holder, 'Dear Rami') }), { status: 423 });
    return new Response(JSON.stringify(view('usr_1', body.text, holder ?? '')));
  });
});
afterEach(async () => {
  endLock('c1');
  await settled();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
const settled = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const held = () => renderHook(() => useHeld('c1')).result.current;

test('keys are told at once and then every two seconds, the last one too; sending gives the right back', async () => {
  writes('c1', 'Y');
  await settled();
  for (const text of ['Ye', 'Yes']) writes('c1', text);
  await settled(5000);
  expect(asked.map((a) => a.text)).toEqual(['Y', 'Yes']);
  endLock('c1');
  await settled();
  expect(asked.at(-1)).toEqual({ method: 'DELETE' });
});

test('a colleague who has it is shown with what they write, until they stop; their right is never given back by us', async () => {
  holder = 'usr_2';
  writes('c1', 'Y');
  await settled();
  expect(held()).toEqual({ name: 'Dana', text: 'Dear Rami', taken: false });
  endLock('c1');
  await settled();
  expect(asked.map((a) => a.method)).toEqual(['POST']);
  hearLock(view('usr_2', 'Dear Rami, yes'));
  expect(held()?.text).toBe('Dear Rami, yes');
  await settled(lockLasts + 1);
  expect(held()).toBeUndefined();
});

test('taking over asks for it; whoever loses it is told', async () => {
  holder = 'usr_2';
  writes('c1', 'Y');
  await settled();
  await takeOver('c1', 'Y');
  expect(asked.at(-1)).toMatchObject({ take_over: true, text: 'Y' });
  expect(held()).toBeUndefined();
  hearLock(view('usr_2', 'no, I do it', 'usr_1'));
  expect(held()).toMatchObject({ taken: true });
  hearLock(view('usr_2', 'no, I do it now'));
  expect(held()).toMatchObject({ taken: true, text: 'no, I do it now' });
});
