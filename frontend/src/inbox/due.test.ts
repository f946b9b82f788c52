import { expect, test } from 'vitest';
import { at, conversation } from '~/shared/test/samples';
import { dueOf, soonest } from './due';

const level = (metric: 'first_answer' | 'resolution', due: number, change: object = {}) => ({ metric, due_at: at(due), warn_at: at(due - 10), paused: false, ...change });
const stands = (now: number, ...sla: ReturnType<typeof level>[]) => dueOf(conversation('a', { sla }), Date.parse(at(now)));

test('a promise warns from its time on and is late from its end on', () => {
  expect(stands(0, level('first_answer', 60))?.state).toBe('in_time');
  expect(stands(50, level('first_answer', 60))?.state).toBe('warning');
  expect(stands(60, level('first_answer', 60))?.state).toBe('breached');
});

test('the worst is shown, and of equals what is due first', () => {
  expect(stands(55, level('resolution', 900), level('first_answer', 60))?.metric).toBe('first_answer');
  expect(stands(0, level('resolution', 900), level('first_answer', 60))?.metric).toBe('first_answer');
  expect(stands(70, level('first_answer', 80, { paused: true }), level('resolution', 900))?.metric).toBe('resolution');
});

test('what stands does not become late, what has ended is not shown', () => {
  expect(stands(100, level('resolution', 60, { paused: true }))?.state).toBe('paused');
  expect(stands(100, level('resolution', 60, { paused: true, breached_at: at(60) }))?.state).toBe('breached');
  expect(stands(100, level('first_answer', 60, { met_at: at(50) }))).toBeNull();
  expect(dueOf(conversation('a', { status: 'resolved', sla: [level('first_answer', 60)] }), 0)).toBeNull();
});

test('what runs and is due first orders lists', () => {
  expect(soonest({ sla: [level('resolution', 900), level('first_answer', 60)] })).toBe(at(60));
  expect(soonest({ sla: [level('resolution', 900), level('first_answer', 60, { paused: true })] })).toBe(at(900));
  expect(soonest({ sla: [] })).toBeUndefined();
});
