import { expect, test } from 'vitest';
import { message } from '~/shared/test/samples';
import { keptThreads } from './actions';
import { emptyThread, type Thread } from './store';

const thread = (...items: Thread['items']): Thread => ({ ...emptyThread, hasOlder: false, items });
const waiting = { ...message('w', { client_id: 'w' }), local: { state: 'waiting' as const } };

test('the messages of what was opened last are kept, of the rest only what waits to go out', () => {
  const threads = { sends: thread(waiting), ...Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`c${n}`, thread(message('m'))])) };
  const kept = Object.keys(keptThreads(threads, 'c0'));
  expect(kept).toHaveLength(22);
  expect(kept[0]).toBe('sends');
  expect(kept.at(-1)).toBe('c0');
  expect(kept).not.toContain('c1');
});

test('a long conversation that is left is cut to its newest messages, and loads older ones again', () => {
  const long = thread(...Array.from({ length: 500 }, (_, n) => message(`m${n}`)));
  const { a, b } = keptThreads({ a: long, b: long }, 'b');
  expect([a?.items.length, a?.items.at(-1)?.id, a?.hasOlder]).toEqual([100, 'm499', true]);
  expect(b).toBe(long);
});
