import { expect, test, vi } from 'vitest';
import { message } from '~/shared/test/samples';
import { keptThreads, setOpenConversation } from './actions';
import { sendFrame } from './live';
import { emptyThread, type Thread } from './store';

vi.mock('./live', () => ({ sendFrame: vi.fn() }));

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

test('whoever watches silently is not announced, and ends what was announced before', () => {
  const told = vi.mocked(sendFrame);
  setOpenConversation('c1');
  setOpenConversation('c2', true);
  expect(told.mock.calls.map(([frame]) => frame)).toEqual([
    { type: 'viewing', data: { conversation_id: 'c1' } },
    { type: 'viewing', data: { conversation_id: null } },
  ]);
});
