import { expect, test } from 'vitest';
import { atSign, findNamed, mentioned } from './mentions';

const all = [{ id: 'a', name: 'Dana' }, { id: 'b', name: 'Dana Cohen' }, { id: 'c', name: 'יעל מזרחי' }, { id: 'd', name: 'سارة خليل' }];

test('an @ opens the list at the beginning of a word, also for names of two words', () => {
  expect(atSign('@da', 3)).toEqual({ start: 0, query: 'da' });
  expect(atSign('שאלה ל @יעל מ', 13)).toEqual({ start: 7, query: 'יעל מ' });
  for (const text of ['dana@example.com', '@Dana\nhello', '@@']) expect(atSign(text, text.length), text).toBeNull();
});

test('a colleague is found by the first letters of any part of the name', () => {
  expect(findNamed(all, 'co').map(({ id }) => id)).toEqual(['b']);
  expect(findNamed(all, 'מז').map(({ id }) => id)).toEqual(['c']);
  expect(findNamed(all, '')).toHaveLength(4);
});

test('whoever is named is meant, and nobody whose name is a part of another one', () => {
  expect(mentioned('@Dana Cohen look, @سارة خليل too', all)).toEqual(['b', 'd']);
  expect(mentioned('@Dana and @Dana Cohen', all)).toEqual(['b', 'a']);
  expect(mentioned('Dana Cohen', all)).toEqual([]);
});
