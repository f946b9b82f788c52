import { expect, test } from 'vitest';
import { toggleMark } from './format';

/** [ and ] stand for the selection. */
const read = (text: string) => {
  const start = text.indexOf('[');
  const end = text.indexOf(']') - 1;
  return { text: text.replace(/[[\]]/g, ''), start, end };
};
const write = ({ text, start, end }: { text: string; start: number; end: number }) => `${text.slice(0, start)}[${text.slice(start, end)}]${text.slice(end)}`;

test.each([
  ['a [word] b', '*', 'a *[word]* b'],
  ['a *[word]* b', '*', 'a [word] b'],
  ['a [word ]b', '_', 'a _[word]_ b'],
  ['[]', '*', '*[]*'],
  ['x [ שלום ]', '~', 'x  ~[שלום]~ '],
  ['[code]', '```', '```[code]```'],
] as const)('%s with %s becomes %s', (before, mark, after) => {
  expect(write(toggleMark(read(before), mark))).toBe(after);
});
