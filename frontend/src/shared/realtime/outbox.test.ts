import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Me } from '~/shared/api/types';
import { conversation, message } from '~/shared/test/samples';
import { fillStorage } from '~/shared/test/storage';
import { useAgain } from './again';
import { draftOf, changeDraft, resetDrafts } from './drafts';
import { discardMessage, resumeOutbox, retryMessage, sendMessage } from './outbox';
import { emptyThread, resetLive, useLive, type ThreadMessage } from './store';

const me = { user: { id: 'usr_1', name: 'Dana' } } as Me;
const c = conversation('c1');
let posts: { client_id: string; text: string; seen_message_id?: string }[];
/** What the gateway does with the next posts: takes them when nothing is planned. */
let plan: (number | 'cut' | 'again')[];

beforeEach(() => {
  resetDrafts();
  useAgain.setState({ of: {}, files: {} });
  vi.useFakeTimers();
  resetLive();
  useLive.setState({ me });
  posts = [];
  plan = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    const text = await request.text();
    const post = JSON.parse(text || '{}');
    const step = plan.shift();
    if (step === 'cut') throw new TypeError('Failed to fetch');
    posts.push(post);
    if (step === 'again') return new Response(JSON.stringify({ code: 'written_again', title: 'Conflict', messages: [message('m9', { arrived: 9 })] }), { status: 409 });
    if (step) return new Response(JSON.stringify({ code: 'window_closed', title: 'Window closed' }), { status: step });
    return new Response(JSON.stringify(message(`msg_${posts.length}`, { client_id: post.client_id, text: post.text, direction: 'out', status: 'queued' })), { status: 201 });
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const items = (): ThreadMessage[] => useLive.getState().threads.c1?.items ?? [];
const settled = () => vi.advanceTimersByTimeAsync(0);

test('shows a message at once and keeps its place when the gateway has it', async () => {
  sendMessage(c, { type: 'text', text: 'hello' });
  expect(items()[0]).toMatchObject({ text: 'hello', status: 'queued', local: { state: 'waiting' } });
  const { client_id } = items()[0] as ThreadMessage;
  await settled();
  expect(items()).toHaveLength(1);
  expect(items()[0]).toMatchObject({ id: 'msg_1', client_id });
  expect(items()[0]?.local).toBeUndefined();
  expect(useLive.getState().waiting).toBe(0);
});

test('sends one after the other, in the order they were written', async () => {
  for (const text of ['1', '2', '3']) sendMessage(c, { type: 'text', text });
  await settled();
  expect(posts.map((p) => p.text)).toEqual(['1', '2', '3']);
});

test('a lost line only delays: the same client_id goes again, and the order stays', async () => {
  plan = ['cut', 503];
  sendMessage(c, { type: 'text', text: '1' });
  sendMessage(c, { type: 'text', text: '2' });
  await settled();
  expect(useLive.getState().waiting).toBe(2);
  await vi.advanceTimersByTimeAsync(5000);
  expect(posts.map((p) => p.text)).toEqual(['1', '1', '2']);
  expect(posts[0]?.client_id).toBe(posts[1]?.client_id);
  expect(useLive.getState().waiting).toBe(0);
});

test('what waits survives a closed tab', async () => {
  plan = ['cut'];
  sendMessage(c, { type: 'text', text: 'kept' });
  await settled();
  const { client_id } = items()[0] as ThreadMessage;
  useLive.setState({ threads: {}, waiting: 0 });
  resumeOutbox();
  expect(items()[0]).toMatchObject({ text: 'kept', client_id });
  await vi.advanceTimersByTimeAsync(5000);
  expect(posts).toHaveLength(1);
  expect(items()[0]?.local).toBeUndefined();
});

test('a refusal stops at the message, says why, lets the next one through, and can be tried again', async () => {
  plan = [422];
  sendMessage(c, { type: 'text', text: 'no' });
  sendMessage(c, { type: 'text', text: 'yes' });
  await settled();
  const refused = items().find((m) => m.text === 'no') as ThreadMessage;
  expect(refused).toMatchObject({ status: 'failed', error: { code: 'window_closed' }, local: { state: 'refused' } });
  expect(items().find((m) => m.text === 'yes')?.local).toBeUndefined();
  await retryMessage(refused);
  expect(posts.filter((p) => p.text === 'no').map((p) => p.client_id)).toEqual([refused.client_id, refused.client_id]);
  expect(items().find((m) => m.text === 'no')?.local).toBeUndefined();
});

test('a discarded message is gone for good', async () => {
  plan = [422];
  sendMessage(c, { type: 'text', text: 'no' });
  await settled();
  discardMessage(items()[0] as ThreadMessage);
  resumeOutbox();
  await settled();
  expect(items()).toEqual([]);
  expect(posts).toHaveLength(1);
});

test('a tab that has not seen yet what another one keeps does not take it away', async () => {
  plan = ['cut'];
  sendMessage(c, { type: 'text', text: 'of this tab' });
  await settled();
  // Browsers show a tab what another one wrote only after a moment; until then it sees the storage as it was.
  const kept = Object.entries(localStorage);
  localStorage.clear();
  sendMessage(conversation('c2'), { type: 'text', text: 'of another tab' });
  for (const [key, value] of kept) if (!localStorage.getItem(key)) localStorage.setItem(key, value);
  await vi.advanceTimersByTimeAsync(5000);
  expect(posts.map((p) => p.text).sort()).toEqual(['of another tab', 'of this tab']);
});

test('what an older version kept in one list goes out too, in its order', async () => {
  const entry = (text: string) => ({ body: { client_id: text, type: 'text', text }, message: { ...message(`local:${text}`, { client_id: text, text }), local: { state: 'waiting' } } });
  localStorage.setItem('wasl.outbox.usr_1', JSON.stringify([entry('b'), entry('a')]));
  resumeOutbox();
  await settled();
  expect(posts.map((p) => p.text)).toEqual(['b', 'a']);
});

test('one person’s outbox is not sent by the next one on the same device', async () => {
  plan = ['cut'];
  sendMessage(c, { type: 'text', text: 'mine' });
  await settled();
  useLive.setState({ me: { user: { id: 'usr_2', name: 'Omar' } } as Me, threads: {} });
  resumeOutbox();
  expect(items()).toEqual([]);
});

test('a device without room sends all the same, in order, and keeps trying', async () => {
  fillStorage();
  plan = ['cut'];
  sendMessage(c, { type: 'text', text: '1' });
  sendMessage(c, { type: 'text', text: '2' });
  await settled();
  expect(useLive.getState().waiting).toBe(2);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(posts.map((p) => p.text)).toEqual(['1', '2']);
  expect(useLive.getState().waiting).toBe(0);
});

test('an answer says what its writer has seen; a note need not', async () => {
  useLive.setState({ threads: { c1: { ...emptyThread, items: [message('m1', { arrived: 5 }), message('m2', { arrived: 3 })] } } });
  sendMessage(c, { type: 'text', text: 'one' });
  sendMessage(c, { type: 'note', text: 'two' });
  await settled();
  expect(posts.map((p) => p.seen_message_id)).toEqual(['m1', undefined]);
});

test('answers written without a line go back to the composer where somebody wrote meanwhile, in order and before what is there', async () => {
  useLive.setState({ threads: { c1: { ...emptyThread, items: [message('m1', { arrived: 5 })] } } });
  plan = ['cut', 'again'];
  for (const text of ['first', 'second']) sendMessage(c, { type: 'text', text });
  sendMessage(c, { type: 'note', text: 'a note' });
  await settled();
  changeDraft('c1', { text: 'third' });
  await vi.advanceTimersByTimeAsync(5000);
  expect(draftOf('c1')).toMatchObject({ mode: 'reply', text: 'first\n\nsecond\n\nthird' });
  expect(items().map((m) => m.text)).toEqual(['m1', 'a note']);
  expect(posts.filter((p) => p.client_id).map((p) => p.text)).toEqual(['first', 'a note']);
  expect(useAgain.getState().of.c1?.messages.map((m) => m.id)).toEqual(['m9']);
  expect(useLive.getState().waiting).toBe(0);
});

test('what the field cannot hold keeps its bubble, and goes again as one that has seen what came', async () => {
  useLive.setState({ threads: { c1: { ...emptyThread, items: [message('m1', { arrived: 5 })] } } });
  plan = ['again'];
  sendMessage(c, { type: 'location', location: { latitude: 1, longitude: 2 } });
  await settled();
  const refused = items().find((m) => m.local)!;
  expect(refused.error?.code).toBe('written_again');
  await retryMessage(refused);
  expect(posts.map((p) => p.seen_message_id)).toEqual(['m1', 'm9']);
  expect(posts[0]!.client_id).toBe(posts[1]!.client_id);
});
