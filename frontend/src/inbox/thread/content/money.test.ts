import { expect, test } from 'vitest';
import { formatMoney, sum, times } from './money';

test.each([
  ['249.90', 3, '749.70'],
  ['0.1', 3, '0.3'],
  ['350.500', 2, '701.000'],
  ['12', 1, '12'],
  ['9007199254740993.01', 2, '18014398509481986.02'],
])('%s times %d is %s, to the last digit', (price, quantity, expected) => {
  expect(times(price, quantity)).toBe(expected);
});

test('a sum keeps the finest part and knows when it cannot be made', () => {
  expect(sum(['0.1', '0.2', '3'])).toBe('3.3');
  expect(sum([])).toBe('0');
  expect(sum(['1', null])).toBeNull();
  expect(times('1,5', 2)).toBeNull();
});

test('money has its sign and its digits', () => {
  expect(formatMoney('1249.90', 'ILS')).toBe('₪1,249.90');
  expect(formatMoney('350.500', 'KWD')).toContain('350.500');
  expect(formatMoney('5', 'pizza')).toBe('5 pizza');
});
