import { expect, test } from 'vitest';
import type { LifelineStep } from '~/shared/api/types';
import { withGaps } from './gaps';

const step = (name: LifelineStep['step'], at: string | null): LifelineStep => ({ step: name, at });

test('a gap reaches from the last step whose time is known', () => {
  const line = [
    step('received', '2026-11-22T09:30:00.000Z'), step('durable', null), step('stored', '2026-11-22T09:30:00.012Z'), step('shown', null), step('seen', '2026-11-22T09:31:00.012Z'),
  ];
  expect(withGaps(line).map((s) => s.gap)).toEqual([null, null, 12, null, 60_000]);
});

test("a provider's clock that is ahead of ours makes no negative gap", () => {
  expect(withGaps([step('written', '2026-11-22T09:30:05.000Z'), step('received', '2026-11-22T09:30:04.000Z')]).map((s) => s.gap)).toEqual([null, null]);
});

test('a day is said where it begins', () => {
  const line = [step('written', '2026-11-22T09:30:00.000Z'), step('durable', null), step('stored', '2026-11-22T09:30:01.000Z'), step('seen', '2026-11-24T07:00:00.000Z')];
  expect(withGaps(line).map((s) => s.newDay)).toEqual([true, false, false, true]);
});
