import { expect, test } from 'vitest';
import { clamp, dayOf, isoDay, minuteOf, moment } from './past';

const at = new Date(2026, 10, 30, 14, 32, 45).getTime();

test('a moment is a day and a minute of it', () => {
  expect([isoDay(at), minuteOf(at)]).toEqual(['2026-11-30', 14 * 60 + 32]);
  expect(moment('2026-11-30', 14 * 60 + 32)).toBe(at - 45_000);
  expect(dayOf(at)).toBe(moment('2026-11-30', 0));
});

test('what is not past is now, and nothing is asked for that is older than 90 days', () => {
  expect(clamp(at, at)).toBeNull();
  expect(clamp(at + 3_600_000, at)).toBeNull();
  expect(clamp(at - 60_000, at)).toBe(at - 45_000 - 60_000);
  const oldest = clamp(0, at) ?? 0;
  expect(at - oldest).toBeLessThan(90 * 86_400_000);
  expect(at - oldest).toBeGreaterThan(89.99 * 86_400_000);
});
