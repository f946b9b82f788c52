import { expect, test } from 'vitest';
import type { Row } from './rows';
import { changeOf } from './useThreadScroll';

const rows = (keys: string) => keys.split('').map((key) => ({ kind: key === '|' ? 'day' : 'message', key: key === '|' ? `day ${keys}` : key }) as Row);

test.each([
  ['', 'ab', 'same'],
  ['ab', 'abc', 'same'],
  ['ab', 'xyab', 'above'],
  ['|ab', 'x|yab', 'above'],
  ['|ab', '|xab', 'above'],
  ['|ab', '|abc', 'same'],
  ['ab', 'yz', 'other'],
])('from %j to %j: %s', (before, after, change) => {
  expect(changeOf(rows(before), rows(after))).toBe(change);
});
