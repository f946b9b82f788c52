import { expect, test } from 'vitest';
import { segments } from './segments';

test.each([
  ['', 0, true], ['a'.repeat(160), 1, true], ['a'.repeat(161), 2, true], ['a'.repeat(159) + '€', 2, true], ['a'.repeat(152) + '€' + 'a'.repeat(153), 3, true],
  ['я'.repeat(70), 1, false], ['я'.repeat(71), 2, false], ['👍'.repeat(35), 1, false], ['👍'.repeat(36), 2, false], ['ש'.repeat(135), 3, false],
])('%.12s… goes in %i parts', (text, parts, short) => {
  expect(segments(text)).toMatchObject({ parts, short });
});
