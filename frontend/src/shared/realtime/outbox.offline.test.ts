/** Ten minutes in a tunnel: what is written and done there arrives once and in order, whatever the device and the customer did meanwhile. */
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Conversation, Me } from '~/shared/api/types';
import { signedOutEvent } from '~/shared/api/client';
import { startI18n } from '~/shared/i18n';
import { conversation, message } from '~/shared/test/samples';
import { fillStorage } from '~/shared/test/storage';
import { assignConversation, changeConversation } from './actions';
import { useAgain } from './again';
import { conversations } from './conversations';
import { draftOf, resetDrafts } from './drafts';
import { resumeOutbox, sendMessage } from './outbox';
import { noteServerTime } from './serverClock';
import { emptyThread, resetLive, useLive } from './store';

const me = { user: { id: 'usr_1', name: 'Dana' } } as Me;
const c = conversation('c1');
/** What reached the gateway, one line each. */
let calls: string[];
let line: 'up' | 'cut' | 'signed out';
let refusal: { code: string; status: number; messages?: object[] } | null;
/** The conversation as the gateway has it. */
let there: Conversation;
const toasts = vi.hoisted(() => ({ done: [] as string[], errors: [] as unknown[] }));
vi.mock('~/shared/ui/toast', () => ({ toastDone: (text: string) => toasts.done.push(text), toastError: (cause: unknown) => toasts.errors.push(cause) }));

const json = (status: number, body: object) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });

beforeAll(startI18n);
beforeEach(() => {
  vi.useFakeTimers();
  resetLive();
  resetDrafts();
  useAgain.setState({ of: {}, files: {} });
  useLive.setState({ me });
  conversations.set(c);
  [calls, line, refusal, there] = [[], 'up', null, c];
  toasts.done.length = toasts.errors.length = 0;
  vi.stubGlobal('fetch', async (request: Request) => {
    if (line === 'cut') throw new TypeError('Failed to fetch');
    if (line === 'signed out') return json(401, { code: 'unauthorized' });
    const body = JSON.parse((await request.text()) || '{}');
    const path = new URL(request.url).pathname.replace('/api/v1/conversations/', '');
    if (path.endsWith('/draft')) return json(200, {});
    if (request.method === 'GET') return json(200, there);
    const refused = refusal;
    refusal = null;
    if (refused) return json(refused.status, { title: 'No', ...refused });
    calls.push(`${request.method} ${path} ${body.text ?? body.status ?? body.agent_id}`);
    if (path.endsWith('/messages')) return json(201, message(`m${calls.length}`, { client_id: body.client_id, text: body.text, direction: 'out', status: 'queued' }));
    there = { ...there, ...body };
    return json(200, there);
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const later = (ms = 60_000) => vi.advanceTimersByTimeAsync(ms);
const waiting = () => useLive.getState().waiting;
const kept = () => Object.keys(localStorage).filter((key) => key.startsWith('wasl.outbox.')).length;

test('an answer, a note, an assignment and a state go out in the order in which they were done', async () => {
  line = 'cut';
  sendMessage(c, { type: 'text', text: 'answer' });
  await later(0);
  sendMessage(c, { type: 'note', text: 'note' });
  await assignConversation('c1', { agent_id: 'usr_2' });
  await changeConversation('c1', { status: 'resolved' });
  expect(conversations.get('c1')).toMatchObject({ status: 'resolved', assignee_id: 'usr_2' });
  expect([waiting(), kept()]).toEqual([2, 4]);
  line = 'up';
  await later();
  expect(calls).toEqual(['POST c1/messages answer', 'POST c1/messages note', 'POST c1/assign usr_2', 'PATCH c1 resolved']);
  expect([waiting(), kept()]).toEqual([0, 0]);
});

test('a state outlives the closed browser, and is shown again when it is opened without a line', async () => {
  line = 'cut';
  await changeConversation('c1', { status: 'snoozed', snoozed_until: '2026-12-24T08:00:00Z' });
  resetLive();
  useLive.setState({ me });
  conversations.set(c);
  resumeOutbox();
  expect(conversations.get('c1')?.status).toBe('snoozed');
  line = 'up';
  await later();
  expect(calls).toEqual(['PATCH c1 snoozed']);
});

test('what would hide what the customer wrote meanwhile is not done, and said', async () => {
  useLive.setState({ threads: { c1: { ...emptyThread, items: [message('m1', { arrived: 1 })] } } });
  line = 'cut';
  await changeConversation('c1', { status: 'resolved' });
  there = { ...c, last_message: { id: 'm2', direction: 'in' } as Conversation['last_message'] };
  line = 'up';
  await later();
  await vi.dynamicImportSettled(); // its words
  expect(calls).toEqual([]);
  expect(conversations.get('c1')?.status).toBe('open');
  expect(toasts.done).toEqual(['Noa Levi wrote meanwhile, so the conversation stays open.']);
  expect(waiting()).toBe(0);
});

test('an answer that is asked about takes with it what was to be done after it', async () => {
  line = 'cut';
  sendMessage(c, { type: 'text', text: 'answer' });
  await changeConversation('c1', { status: 'resolved' });
  line = 'up';
  refusal = { code: 'written_again', status: 409, messages: [message('m9', { arrived: 9 })] };
  await later();
  expect(draftOf('c1').text).toBe('answer');
  expect(calls).toEqual([]);
  expect(conversations.get('c1')?.status).toBe('open');
});

test('a state that is refused is said, and the conversation is shown as it is', async () => {
  line = 'cut';
  await changeConversation('c1', { status: 'resolved' });
  line = 'up';
  refusal = { code: 'forbidden', status: 403 };
  await later();
  expect(toasts.errors).toHaveLength(1);
  expect(conversations.get('c1')?.status).toBe('open');
  expect(waiting()).toBe(0);
});

test('an answer that is refused stays, and says so where its conversation is not open', async () => {
  line = 'cut';
  sendMessage(c, { type: 'text', text: 'answer' });
  line = 'up';
  refusal = { code: 'window_closed', status: 409 };
  await later();
  expect(useLive.getState().threads.c1?.items.at(-1)).toMatchObject({ text: 'answer', local: { state: 'refused' }, error: { code: 'window_closed' } });
  expect(toasts.errors).toHaveLength(1);
  expect(kept()).toBe(1);
});

test('whoever was signed out meanwhile loses nothing: it goes out when they are back', async () => {
  const heard = vi.fn();
  window.addEventListener(signedOutEvent, heard);
  line = 'signed out';
  sendMessage(c, { type: 'text', text: 'answer' });
  await later();
  expect(heard).toHaveBeenCalledTimes(1); // and is not asked again and again
  expect(useLive.getState().threads.c1?.items.at(-1)?.local?.state).toBe('waiting');
  line = 'up';
  resumeOutbox();
  await later(0);
  expect(calls).toEqual(['POST c1/messages answer']);
  window.removeEventListener(signedOutEvent, heard);
});

test('of two tabs one sends', async () => {
  const held = new Set<string>();
  let lock: object | null = {};
  vi.stubGlobal('navigator', {
    locks: {
      request: async (name: string, options: LockOptions, work: (lock: object | null) => Promise<unknown>) => {
        expect([name, options]).toEqual(['wasl.outbox.usr_1.c1', { ifAvailable: true }]);
        held.add(name);
        return work(lock);
      },
    },
  });
  lock = null; // the other tab has it
  sendMessage(c, { type: 'text', text: 'answer' });
  await later(500);
  expect([calls, held.size, waiting()]).toEqual([[], 1, 1]);
  lock = {}; // the other tab was closed before it had sent
  await later();
  expect(calls).toEqual(['POST c1/messages answer']);
});

test('what another tab writes is shown here, and goes when it was sent there', async () => {
  line = 'cut';
  sendMessage(c, { type: 'text', text: 'of the other tab' });
  const [key = '', value = ''] = Object.entries(localStorage).find(([k]) => k.startsWith('wasl.outbox.usr_1.')) ?? [];
  useLive.setState({ threads: {}, waiting: 0 });
  window.dispatchEvent(new StorageEvent('storage', { key, newValue: value }));
  expect(useLive.getState().threads.c1?.items.map((m) => m.text)).toEqual(['of the other tab']);
  expect(waiting()).toBe(1);
  localStorage.removeItem(key);
  window.dispatchEvent(new StorageEvent('storage', { key, newValue: null }));
  await later(2500);
  expect(useLive.getState().threads.c1?.items).toEqual([]);
  expect(waiting()).toBe(0);
});

test('a device whose clock is a day off shows the gateway’s time, and keeps the order when the clock is put right', async () => {
  vi.setSystemTime(new Date('2026-11-24T10:00:00Z'));
  noteServerTime('2026-11-23T10:00:00Z');
  line = 'cut';
  sendMessage(c, { type: 'text', text: 'first' });
  expect(useLive.getState().threads.c1?.items[0]?.sent_at).toBe('2026-11-23T10:00:00.000Z');
  vi.setSystemTime(new Date('2026-11-23T10:00:05Z'));
  sendMessage(c, { type: 'text', text: 'second' });
  line = 'up';
  await later();
  expect(calls).toEqual(['POST c1/messages first', 'POST c1/messages second']);
});

test('where the disk is full it is said, and the browser asks before the page is closed', async () => {
  fillStorage();
  line = 'cut';
  sendMessage(c, { type: 'text', text: 'answer' });
  expect(useLive.getState()).toMatchObject({ waiting: 1, unkept: 1 });
  const closing = new Event('beforeunload', { cancelable: true });
  window.dispatchEvent(closing);
  expect(closing.defaultPrevented).toBe(true);
  line = 'up';
  await later();
  expect(useLive.getState()).toMatchObject({ waiting: 0, unkept: 0 });
});
