import { expect, test } from 'vitest';
import { boxOf } from './Media';

test.each([
  ['a landscape', { width: 1200, height: 800 }, { inlineSize: 300, blockSize: 200 }],
  ['a tall one', { width: 600, height: 1200 }, { inlineSize: 160, blockSize: 320 }],
  ['a small one is not blown up', { width: 120, height: 90 }, { inlineSize: 120, blockSize: 90 }],
  ['a panorama is cropped', { width: 4000, height: 400 }, { inlineSize: 300, blockSize: 100 }],
  ['a screenshot of a whole page is cropped', { width: 400, height: 8000 }, { inlineSize: 96, blockSize: 192 }],
  ['one whose size is not known', {}, { inlineSize: 240, blockSize: 180 }],
])('%s', (_, size, box) => {
  expect(boxOf(size)).toEqual(box);
});
