import { describe, expect, test, vi } from 'vitest';
import type { Conversation } from '~/shared/api/types';
import { at, conversation } from '~/shared/test/samples';
import { Conversations } from './conversations';
import type { ListOptions } from './liveList';

const newestFirst = (a: Conversation, b: Conversation) =>
  a.last_activity_at === b.last_activity_at ? (a.id < b.id ? -1 : Number(a.id > b.id)) : a.last_activity_at > b.last_activity_at ? -1 : 1;
const open: ListOptions = { wants: (c) => c.status === 'open', compare: newestFirst };
const heard = (id: string, second: number, change: Partial<Conversation> = {}) => conversation(id, { last_activity_at: at(second), updated_at: at(second), ...change });

function known(...list: Conversation[]): Conversations {
  const all = new Conversations();
  for (const c of list) all.put(c);
  return all;
}

test('how far the newest message got is not taken back by an answer that says of the conversation what is known', () => {
  const last = { id: 'm', type: 'text', direction: 'out', text: 'hi', at: at(1), author: { type: 'agent', id: '', name: '' } } as const;
  const all = known(heard('a', 1, { last_message: { ...last, status: 'failed', version: 3 } }));
  all.put(heard('a', 2, { last_message: { ...last, status: 'sent', version: 2 }, status: 'pending' }));
  expect(all.get('a')).toMatchObject({ status: 'pending', last_message: { status: 'failed' } });
});

describe('a list', () => {
  test('stays in order whatever comes, goes and moves', () => {
    const all = known(heard('a', 1), heard('b', 2), heard('c', 3));
    const { list } = all.list(open, () => {});
    expect(list.ids()).toEqual(['c', 'b', 'a']);
    all.put(heard('a', 4));
    all.put(heard('d', 2));
    expect(list.ids()).toEqual(['a', 'c', 'b', 'd']);
    all.put(heard('c', 5, { status: 'resolved' }));
    all.remove('b');
    expect(list.ids()).toEqual(['a', 'd']);
    all.put(heard('c', 6));
    expect(list.ids()).toEqual(['c', 'a', 'd']);
  });

  test('equals a new one after any number of changes', () => {
    const all = known();
    const { list } = all.list(open, () => {});
    let seed = 7;
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % below;
    for (let n = 0; n < 2000; n++) all.set(heard(`c${random(60)}`, random(50), { status: random(4) ? 'open' : 'resolved' }));
    expect(list.ids()).toEqual(all.list(open, () => {}).list.ids());
  });

  test('shows nothing below what the gateway has told of, where there may be others', () => {
    const last = heard('b', 2);
    const all = known(heard('a', 1), last, heard('c', 3));
    const { list } = all.list(open, () => {});
    list.setBoundary(last);
    expect(list.ids()).toEqual(['c', 'b']);
    list.setBoundary(null);
    expect(list.ids()).toEqual(['c', 'b', 'a']);
  });

  test('says when the order changed, and not when only a row did', () => {
    const all = known(heard('a', 1), heard('b', 2));
    const moved = vi.fn();
    all.list(open, moved);
    all.put(heard('b', 2, { unread_count: 3, updated_at: at(9) }));
    all.put(heard('b', 9));
    expect(moved).not.toHaveBeenCalled();
    all.put(heard('a', 10));
    expect(moved).toHaveBeenCalledOnce();
  });
});

test.each([200, 20_000])('among %i conversations a frame costs a few comparisons, and touches no other conversation', (many) => {
  const all = new Conversations(many + 10);
  for (let n = 0; n < many; n++) all.put(heard(`c${n}`, n));
  let asked = 0;
  const touched = new Set<string>();
  const counted: ListOptions = {
    wants: (c) => touched.add(c.id) && open.wants(c),
    compare: (a, b) => {
      asked++;
      for (const c of [a, b]) touched.add(c.id);
      return newestFirst(a, b);
    },
  };
  all.list(counted, () => {});
  asked = 0;
  touched.clear();
  all.put(heard('c17', many + 1));
  const steps = Math.ceil(Math.log2(many));
  expect(asked).toBeLessThanOrEqual(2 * steps + 1);
  expect(touched.size).toBeLessThanOrEqual(2 * steps + 1);
});

describe('what nothing shows', () => {
  test('is forgotten, what was not heard of for longest first', () => {
    const all = new Conversations(3);
    for (const [n, id] of ['a', 'b', 'c', 'a', 'd'].entries()) all.put(heard(id, n));
    expect(['a', 'b', 'c', 'd'].filter((id) => all.get(id))).toEqual(['a', 'c', 'd']);
  });

  test('but never what is on a screen or in a list', () => {
    const all = new Conversations(3);
    all.put(heard('watched', 1, { status: 'resolved' }));
    all.watch('watched', () => {});
    all.put(heard('person', 1, { status: 'resolved' }));
    all.watch('con_person', () => {});
    all.put(heard('listed', 1));
    all.list(open, () => {});
    for (let n = 0; n < 100; n++) all.put(heard(`x${n}`, n, { status: 'resolved' }));
    expect(['watched', 'person', 'listed'].filter((id) => all.get(id))).toHaveLength(3);
    expect(all.size).toBeLessThanOrEqual(5);
  });
});

test('what is not confirmed after our rights changed goes, and what came meanwhile stays', () => {
  const all = known(heard('kept', 1), heard('hidden', 2));
  const { list } = all.list(open, () => {});
  all.doubtAll();
  expect(list.ids()).toEqual(['hidden', 'kept']);
  all.put(heard('kept', 1));
  all.put(heard('fresh', 3));
  all.forgetDoubted();
  expect(list.ids()).toEqual(['fresh', 'kept']);
});

test('who watches a conversation or a person hears of it, and nobody else', () => {
  const all = known(heard('a', 1), heard('b', 1));
  const [a, person, b] = [vi.fn(), vi.fn(), vi.fn()];
  all.watch('a', a);
  all.watch('con_a', person);
  all.watch('b', b);
  all.put(heard('a', 2));
  expect([a, person, b].map((f) => f.mock.calls.length)).toEqual([1, 1, 0]);
  expect(all.of('con_a').map((c) => c.last_activity_at)).toEqual([at(2)]);
});

test('the labels are those that conversations carry now', () => {
  const all = known(heard('a', 1, { labels: ['VIP', 'late'] }), heard('b', 1, { labels: ['VIP'] }));
  const before = all.labels();
  expect(before).toEqual(['VIP', 'late']);
  all.put(heard('b', 2, { labels: ['VIP'] }));
  expect(all.labels()).toBe(before);
  all.put(heard('a', 2));
  expect(all.labels()).toEqual(['VIP']);
});
