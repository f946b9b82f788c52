import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Me } from '~/shared/api/types';
import { conversation, message } from '~/shared/test/samples';
import { draftOf, resetDrafts } from './drafts';
import { sendMessage } from './outbox';
import { setUndoSeconds, useSent } from './sent';
import { resetLive, useLive } from './store';
import { editScheduled, undoSend } from './undo';

const c = conversation('c1');
let asked: string[];
let gone: boolean;
let cut: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  resetLive();
  resetDrafts();
  setUndoSeconds(5);
  useSent.setState({ sent: null });
  useLive.setState({ me: { user: { id: 'usr_1', name: 'Dana' } } as Me });
  [asked, gone, cut] = [[], false, false];
  vi.stubGlobal('fetch', async (request: Request) => {
    const body = JSON.parse((await request.text()) || '{}');
    if (cut) throw new TypeError('Failed to fetch');
    asked.push(`${request.method} ${new URL(request.url).pathname.split('/').at(-1)} ${body.undo_seconds ?? body.send_at ?? ''}`.trim());
    if (request.method === 'DELETE') {
      if (gone) return new Response(JSON.stringify({ code: 'too_late' }), { status: 409 });
      return new Response(JSON.stringify(message('m1', { client_id: 'x', status: 'canceled', direction: 'out', version: 2 })));
    }
    return new Response(JSON.stringify(message('m1', { client_id: body.client_id, text: body.text, direction: 'out', status: 'queued' })), { status: 201 });
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
const settled = () => vi.advanceTimersByTimeAsync(0);

test('what was sent can be taken back, and its text returns to the composer', async () => {
  sendMessage(c, { type: 'text', text: 'Hello David,' });
  await settled();
  expect(await undoSend()).toBe('c1');
  expect(asked.slice(0, 2)).toEqual(['POST messages 5', 'DELETE m1']);
  expect(draftOf('c1').text).toBe('Hello David,');
  expect(useSent.getState().sent).toBeNull();
  expect(await undoSend()).toBeNull();
});

test('what waits on this device never leaves it, and several that were sent together come back together', async () => {
  cut = true;
  for (const text of ['one', 'two']) sendMessage(c, { type: 'text', text });
  await settled();
  await undoSend();
  cut = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.filter((a) => a.includes('messages'))).toEqual([]);
  expect(draftOf('c1').text).toBe('one\n\ntwo');
});

test('whoever is too late is told, and nothing comes back', async () => {
  sendMessage(c, { type: 'text', text: 'gone' });
  await settled();
  gone = true;
  await expect(undoSend()).rejects.toMatchObject({ code: 'too_late' });
  expect(draftOf('c1').text).toBe('');
});

test('notes, and what is scheduled, have no time to undo; nor has anything where the agent wants none', async () => {
  sendMessage(c, { type: 'note', text: 'a note' });
  sendMessage(c, { type: 'text', text: 'later', send_at: '2026-12-01T08:00:00.000Z' });
  await settled();
  setUndoSeconds(0);
  sendMessage(c, { type: 'text', text: 'now' });
  await settled();
  expect(asked).toEqual(['POST messages', 'POST messages 2026-12-01T08:00:00.000Z', 'POST messages']);
  expect(useSent.getState().sent).toBeNull();
});

test('a scheduled message is edited in the composer', async () => {
  await editScheduled({ ...message('m1', { status: 'scheduled', direction: 'out', text: 'tomorrow' }) });
  expect(asked[0]).toBe('DELETE m1');
  expect(draftOf('c1').text).toBe('tomorrow');
});
