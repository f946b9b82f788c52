import { describe, expect, test } from 'vitest';
import type { EventFrame } from '~/shared/api/frames';
import type { Message } from '~/shared/api/types';
import { at, conversation, message } from '~/shared/test/samples';
import { applyFrames, lapseTyping, mergePage, typingLasts, upsertMessage } from './apply';
import { Conversations } from './conversations';
import { emptyThread, personKey, useLive, type LiveState } from './store';

const frame = (type: string, data: unknown, seq = 1) => ({ type, seq, epoch: 'e', at: at(0), data }) as EventFrame;
const state = (change: Partial<LiveState> = {}): LiveState => ({ ...useLive.getInitialState(), ...change });
const known = (...list: ReturnType<typeof conversation>[]) => {
  const all = new Conversations();
  for (const c of list) all.put(c);
  return all;
};
const ids = (items: Message[] = []) => items.map((m) => m.id);
const threadOf = (...items: Message[]) => ({ c1: { ...emptyThread, hasOlder: false, items } });

describe('the order of a conversation', () => {
  test('is the provider’s time, whatever came first', () => {
    let items: Message[] = [];
    for (const [id, second] of [['b', 2], ['c', 3], ['a', 1]] as const) items = upsertMessage(items, message(id, { sent_at: at(second) }));
    expect(ids(items)).toEqual(['a', 'b', 'c']);
  });

  test('keeps what waits here at the end, in the order it was written, even with a slow clock', () => {
    const local = (id: string) => ({ ...message(id, { client_id: id, sent_at: at(0) }), local: { state: 'waiting' as const } });
    let items: Message[] = [message('a', { sent_at: at(5) })];
    items = upsertMessage(items, local('w1'));
    items = upsertMessage(items, local('w2'));
    items = upsertMessage(items, message('b', { sent_at: at(6) }));
    expect(ids(items)).toEqual(['a', 'b', 'w1', 'w2']);
  });
});

describe('our own message', () => {
  test('becomes the gateway’s when it answers, and is never there twice', () => {
    const local = { ...message('local:x', { client_id: 'x' }), local: { state: 'waiting' as const } };
    const sent = message('msg_9', { client_id: 'x', status: 'queued', sent_at: at(9) });
    const items = upsertMessage(upsertMessage([], local), sent);
    expect(ids(upsertMessage(items, sent))).toEqual(['msg_9']);
  });

  test('is not taken back by an answer, or another instance’s frame, that a newer one overtook', () => {
    const held = message('m', { status: 'delivered', version: 4 });
    expect(upsertMessage([held], message('m', { status: 'queued', version: 1 }))[0]).toBe(held);
    expect(mergePage([held], [message('m', { status: 'sent', version: 3 })])[0]).toBe(held);
    expect(applyFrames(state({ threads: threadOf(held) }), known(), [frame('message.updated', message('m', { version: 3 }))], 0).threads?.c1?.items[0]).toBe(held);
  });

  test('goes back to queued when the gateway says that it is tried again', () => {
    const items = upsertMessage([message('m', { status: 'failed', version: 3 })], message('m', { status: 'queued', version: 4 }));
    expect(items[0]?.status).toBe('queued');
  });
});

test('a page of history joins without doubles and without the copy of what it already holds', () => {
  const local = { ...message('local:x', { client_id: 'x' }), local: { state: 'waiting' as const } };
  const page = [message('c', { sent_at: at(3), client_id: 'x' }), message('b', { sent_at: at(2) }), message('a', { sent_at: at(1) })];
  expect(ids(mergePage([message('b', { sent_at: at(2) }), local], page))).toEqual(['a', 'b', 'c']);
});

describe('a frame', () => {
  test('adds a new message to a loaded thread and changes a known one', () => {
    const s = state({ threads: threadOf(message('a', { sent_at: at(1) })) });
    const next = applyFrames(s, known(), [frame('message.created', message('b', { sent_at: at(2) })), frame('message.updated', message('a', { sent_at: at(1), text: 'edited' }))], 0);
    expect(next.threads?.c1?.items.map((m) => m.text)).toEqual(['edited', 'b']);
  });

  test('does not tear a hole into a thread that shows older history', () => {
    const threads = { c1: { ...emptyThread, hasNewer: true, items: [message('a', { sent_at: at(1) })] } };
    expect(ids(applyFrames(state({ threads }), known(), [frame('message.created', message('z', { sent_at: at(99) }))], 0).threads?.c1?.items)).toEqual(['a']);
  });

  test('about a thread that was never opened makes none', () => {
    expect(applyFrames(state(), known(), [frame('message.created', message('a'))], 0).threads).toEqual({});
  });

  test('older than the conversation we know changes nothing', () => {
    const all = known(conversation('c1', { status: 'resolved', updated_at: at(5) }));
    applyFrames(state(), all, [frame('conversation.updated', conversation('c1', { updated_at: at(4) }))], 0);
    expect(all.get('c1')?.status).toBe('resolved');
  });

  test('moves the ticks of the preview', () => {
    const last_message = { id: 'm', type: 'text' as const, direction: 'out' as const, text: 'm', at: at(0), status: 'sent' as const, author: { type: 'agent' as const, id: 'usr_1', name: 'D' }, version: 1 };
    const all = known(conversation('c1', { last_message }));
    applyFrames(state(), all, [frame('message.updated', message('m', { status: 'read' }))], 0);
    expect(all.get('c1')?.last_message?.status).toBe('read');
  });
});

describe('typing', () => {
  const typing = (on: boolean, user_id: string | null = null) => ({ type: 'typing', data: { conversation_id: 'c1', user_id, typing: on } }) as const;

  test('ends when it says so, when the message comes, and by itself', () => {
    const on = applyFrames(state(), known(), [typing(true)], 1000);
    expect(Object.keys(on.typing?.c1 ?? {})).toEqual(['']);
    expect(applyFrames(state(on), known(), [typing(false)], 1000).typing).toEqual({});
    expect(applyFrames(state(on), known(), [frame('message.created', message('a'))], 1000).typing).toEqual({});
    expect(lapseTyping(on.typing ?? {}, 1000 + typingLasts)).toEqual({});
    expect(lapseTyping(on.typing ?? {}, 999 + typingLasts)).toBe(on.typing);
  });
});

describe('a person over all channels', () => {
  const person = personKey('con_c1');

  test('is told what comes in on any of them', () => {
    const s = state({ threads: { [person]: { ...emptyThread, hasOlder: false, items: [message('a', { sent_at: at(1) })] } } });
    const next = applyFrames(s, known(), [frame('message.created', message('b', { sent_at: at(2), conversation_id: 'c2' }))], 0);
    expect(ids(next.threads?.[person]?.items)).toEqual(['a', 'b']);
  });

  test('a new name and picture reach their conversations, and no other row changes', () => {
    const all = known(conversation('c1'), conversation('c2'));
    const c2 = all.get('c2');
    const noa = { id: 'con_c1', name: 'Noa', avatar_url: '/api/v1/media/med_1/thumbnail', merged_from: [] };
    applyFrames(state(), all, [frame('contact.updated', noa)], 0);
    const c1 = all.get('c1');
    expect(c1?.contact).toEqual({ id: 'con_c1', name: 'Noa', avatar_url: noa.avatar_url });
    expect(all.get('c2')).toBe(c2);
    applyFrames(state(), all, [frame('contact.updated', noa)], 0);
    expect(all.get('c1')).toBe(c1);
  });

  test('a contact that nobody looked at is not kept', () => {
    expect(applyFrames(state(), known(), [frame('contact.created', { id: 'con_9', name: 'Noa', merged_from: [] })], 0).contacts).toEqual({});
  });

  test('who was merged shows the survivor everywhere, and the timeline is loaded again', () => {
    const all = known(conversation('c1'));
    const s = state({ threads: { [person]: emptyThread, c1: emptyThread } });
    const survivor = { id: 'con_9', name: 'Noa', merged_from: [], absorbed_id: 'con_c1', merge_id: 'm' };
    const next = applyFrames(s, all, [frame('contact.merged', survivor)], 0);
    expect(all.get('c1')?.contact).toMatchObject({ id: 'con_9', name: 'Noa' });
    expect(Object.keys(next.threads ?? {})).toEqual(['c1']);
    expect(next.contacts?.con_c1?.id).toBe('con_9');
  });
});

test('a colleague is what the latest event says, with the reason', () => {
  const away = { user_id: 'usr_2', state: 'away' as const, reason: 'Lunch', since: at(0) };
  const { presence } = applyFrames(state({ presence: { usr_1: { ...away, user_id: 'usr_1' } } }), known(), [frame('agent.updated', away), frame('agent.updated', { ...away, state: 'online', reason: '' }, 2)], 0);
  expect(presence?.usr_2).toMatchObject({ state: 'online', reason: '' });
  expect(presence?.usr_1?.state).toBe('away');
});
