import { beforeEach, expect, test } from 'vitest';
import { clearSelection, mostSelected, selectAll, selectTo, toggleSelected, useSelection } from './selection';

const list = ['a', 'b', 'c', 'd', 'e'];
const selected = () => [...useSelection.getState().ids];
beforeEach(clearSelection);

test('one is chosen and let go', () => {
  toggleSelected('b');
  expect(selected()).toEqual(['b']);
  toggleSelected('b');
  expect(selected()).toEqual([]);
});

test('a range goes from the last one that was chosen, in either direction, and adds to what is selected', () => {
  toggleSelected('d');
  selectTo('b', list);
  expect(selected().sort()).toEqual(['b', 'c', 'd']);
  selectTo('e', list);
  expect(selected().sort()).toEqual(['b', 'c', 'd', 'e']);
});

test('what has no beginning in the list is one, and no more are selected than the gateway takes', () => {
  selectTo('c', list);
  expect(selected()).toEqual(['c']);
  selectAll(Array.from({ length: mostSelected + 9 }, (_, n) => `c${n}`));
  expect(selected()).toHaveLength(mostSelected);
});
