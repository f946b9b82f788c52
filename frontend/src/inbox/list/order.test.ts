import { describe, expect, test } from 'vitest';
import { holdOrder } from './order';

describe('under the pointer', () => {
  test('nothing moves, and what is new is counted', () => {
    expect(holdOrder(['a', 'b', 'c'], ['new', 'c', 'a', 'b'])).toEqual({ ids: ['a', 'b', 'c'], fresh: 1 });
  });
  test('what left stays where it was', () => {
    expect(holdOrder(['a', 'b', 'c'], ['a', 'c'])).toEqual({ ids: ['a', 'b', 'c'], fresh: 0 });
  });
  test('scrolling on still adds older ones below', () => {
    expect(holdOrder(['a', 'b'], ['b', 'a', 'c', 'd'])).toEqual({ ids: ['a', 'b', 'c', 'd'], fresh: 0 });
  });
  test('an empty list fills', () => {
    expect(holdOrder([], ['a', 'b'])).toEqual({ ids: ['a', 'b'], fresh: 0 });
  });
});
