import { describe, expect, test } from 'vitest';
import { snoozeChoices, toLocalInput } from './snooze';

describe('snooze', () => {
  const keys = (now: Date, firstDay: number) => snoozeChoices(now, firstDay).map((c) => `${c.key} ${toLocalInput(c.until)}`);
  test('on a Tuesday morning', () => {
    expect(keys(new Date(2026, 10, 24, 10, 0), 0)).toEqual([
      'hour 2026-11-24T11:00', 'evening 2026-11-24T18:00', 'tomorrow 2026-11-25T09:00', 'week 2026-11-29T09:00',
    ]);
  });
  test('late in the day there is no evening left', () => {
    expect(keys(new Date(2026, 10, 24, 17, 0), 1)).toEqual(['hour 2026-11-24T18:00', 'tomorrow 2026-11-25T09:00', 'week 2026-11-30T09:00']);
  });
  test('on the eve of the week, tomorrow is the new week', () => {
    expect(keys(new Date(2026, 10, 28, 20, 0), 0)).toEqual(['hour 2026-11-28T21:00', 'tomorrow 2026-11-29T09:00']);
  });
});
