import { expect, test } from 'vitest';
import { withQueue } from './queues';

const queue = (team_id: string, length: number) => ({ team_id, length, oldest_at: null, by_priority: {}, service_level: null });

test('a queue that is heard of takes the place of what was known, and a new one joins', () => {
  const known = [queue('a', 1), queue('b', 2)];
  expect(withQueue(known, queue('a', 5))).toEqual([queue('a', 5), queue('b', 2)]);
  expect(withQueue(known, queue('c', 7)).map((q) => q.length)).toEqual([1, 2, 7]);
});
