import { expect, test } from 'vitest';
import { nextSpan, usualWeek, weekOf } from './hours';

test('a week of the gateway is seven days of spans, whatever it leaves out', () => {
  expect(weekOf([null, [['09:00', '17:00'], null]])).toEqual([[], [['09:00', '17:00'], ['', '']], [], [], [], [], []]);
});

test('the usual week rests on the weekend', () => {
  expect(usualWeek([5, 6]).map((day) => day.length)).toEqual([1, 1, 1, 1, 1, 0, 0]);
});

test('another span comes after the last of its day', () => {
  expect(nextSpan([])).toEqual(['09:00', '12:00']);
  expect(nextSpan([['09:00', '13:00']])).toEqual(['14:00', '17:00']);
  expect(nextSpan([['09:00', '21:00']])).toEqual(['22:00', '23:59']);
});
