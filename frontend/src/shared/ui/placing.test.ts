import { expect, test } from 'vitest';
import { placeBeside } from './placing';

const window = { width: 1000, height: 800 };
const box = (left: number, top: number, width = 40, height = 30) => ({ left, top, right: left + width, bottom: top + height });
const size = { width: 200, height: 300 };

test('a menu lies under its button, with its end at the end of the button, whichever way the language runs', () => {
  expect(placeBeside(box(500, 100), size, window, 'bottom-end', false)).toEqual({ top: 138, left: 340, height: 300 });
  expect(placeBeside(box(500, 100), size, window, 'bottom-end', true)).toEqual({ top: 138, left: 500, height: 300 });
  expect(placeBeside(box(500, 100), size, window, 'bottom-start', true).left).toBe(340);
});

test('where there is no room it lies on the other side, and never beyond an edge', () => {
  expect(placeBeside(box(500, 700), size, window, 'bottom-end', false).top).toBe(392);
  expect(placeBeside(box(500, 20), size, window, 'top-end', false).top).toBe(58);
  expect(placeBeside(box(10, 100), size, window, 'bottom-end', false).left).toBe(8);
  expect(placeBeside(box(950, 100), size, window, 'bottom-start', false).left).toBe(792);
});

test('what is longer than the room scrolls', () => {
  expect(placeBeside(box(500, 100), { width: 200, height: 5000 }, window, 'bottom-end', false).height).toBe(420);
  expect(placeBeside(box(100, 200), { width: 200, height: 600 }, { width: 390, height: 500 }, 'bottom-end', false)).toEqual({ top: 238, left: 8, height: 254 });
});

test('beside the bar of pages it opens into the page, and on a phone over the bar', () => {
  expect(placeBeside(box(8, 740, 40, 40), size, window, 'beside-end', false)).toEqual({ top: 480, left: 56, height: 300 });
  expect(placeBeside(box(952, 740, 40, 40), size, window, 'beside-end', true).left).toBe(744);
  expect(placeBeside(box(330, 780, 40, 40), size, { width: 390, height: 844 }, 'beside-end', false)).toEqual({ top: 472, left: 170, height: 300 });
});
