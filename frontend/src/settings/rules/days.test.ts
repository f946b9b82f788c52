import { expect, test } from 'vitest';
import { dayBefore, rangeOf } from './days';

test('a range of days ends with the last one, or now', () => {
  const now = new Date(2026, 10, 30, 15);
  expect(rangeOf('2026-11-24', '2026-11-25', now)).toEqual({ from: new Date(2026, 10, 24).toISOString(), to: new Date(2026, 10, 26).toISOString() });
  expect(rangeOf('2026-11-30', '2026-11-30', now).to).toBe(now.toISOString());
});

test('days before others pass months', () => {
  expect(dayBefore('2026-03-01', 1)).toBe('2026-02-28');
  expect(dayBefore('2027-01-03', 6)).toBe('2026-12-28');
});
