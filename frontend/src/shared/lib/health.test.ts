import { expect, test } from 'vitest';
import type { Channel, Health } from '~/shared/api/types';
import { alarmOf } from './health';

const channel = (id: string, status: Channel['status'], lag_seconds: number) => ({ id, status, health: { lag_seconds } as Health }) as Channel;

test('nothing is said while all is well, or a little late, or paused by a person', () => {
  expect(alarmOf([])).toBeNull();
  expect(alarmOf([channel('a', 'active', 30), channel('b', 'paused', 0)])).toBeNull();
});

test('the channel that lags most is named, and how many others do', () => {
  expect(alarmOf([channel('a', 'active', 31), channel('b', 'active', 90), channel('c', 'active', 1)])).toMatchObject({ kind: 'lagging', channel: { id: 'b' }, others: 1 });
});

test('a stopped channel comes first', () => {
  expect(alarmOf([channel('a', 'active', 900), channel('b', 'error', 0)])).toMatchObject({ kind: 'stopped', channel: { id: 'b' }, others: 0 });
});
