import { expect, test } from 'vitest';
import type { Capabilities } from '~/shared/api/types';
import { hoursAndMinutes, replyWindow } from './window';

const now = Date.parse('2026-11-22T12:00:00.000Z');
const day = { window_seconds: 86400 } as Capabilities;
const at = (minutes: number) => ({ open: minutes > 0, closes_at: new Date(now + minutes * 60_000).toISOString(), human_closes_at: null });

test.each([
  ['a channel without a limit', at(-5), { window_seconds: 0 } as Capabilities, { state: 'none' }],
  ['a channel that is not known yet', at(-5), undefined, { state: 'none' }],
  ['plenty of time', at(600), day, { state: 'open', left: 36_000_000, soon: false }],
  ['less than two hours', at(90), day, { state: 'open', left: 5_400_000, soon: true }],
  ['the last moment', at(0), day, { state: 'closed', since: at(0).closes_at }],
  ['open when it was loaded, over by now', { open: true, closes_at: at(-1).closes_at, human_closes_at: null }, day, { state: 'closed', since: at(-1).closes_at }],
  ['time for people only', { ...at(-60), human_closes_at: at(60).closes_at }, day, { state: 'human', until: at(60).closes_at }],
  ['over for people too', { ...at(-60), human_closes_at: at(-1).closes_at }, day, { state: 'closed', since: at(-60).closes_at }],
  ['a customer who never wrote', { open: false, closes_at: null, human_closes_at: null }, day, { state: 'closed', since: null }],
])('%s', (_, window, capabilities, expected) => {
  expect(replyWindow(window, capabilities, now)).toEqual(expected);
});

test.each([
  [86_340_000, 23, 59],
  [3_600_000, 1, 0],
  [59_000, 0, 1],
])('%d ms are %d h %d min', (left, hours, minutes) => {
  expect(hoursAndMinutes(left)).toEqual({ hours, minutes });
});
