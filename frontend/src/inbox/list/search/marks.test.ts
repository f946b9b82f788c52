import { expect, test } from 'vitest';
import { pieces } from './marks';

test('marks are where the gateway says, also behind characters of two units', () => {
  expect(pieces({ text: '👩‍👧 Ann <b>', marks: [{ start: 4, end: 7 }] })).toEqual(['👩‍👧 ', 'Ann', ' <b>']);
  expect(pieces({ text: 'שָׁלוֹם', marks: [{ start: 0, end: 7 }] })).toEqual(['', 'שָׁלוֹם', '']);
  expect(pieces({ text: 'nothing', marks: [] })).toEqual(['nothing']);
});
