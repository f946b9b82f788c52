import { expect, test } from 'vitest';
import { blankText, ready, toGateway } from './auto';

test('a message says something in a language, and a place has its number in each', () => {
  expect(ready('welcome', blankText)).toBe(false);
  expect(ready('welcome', { ...blankText, he: 'שלום' })).toBe(true);
  expect(ready('queue_position', { ...blankText, he: 'שלום' })).toBe(false);
  expect(ready('queue_position', { ...blankText, he: 'מספר {{position}}', en: 'wait' })).toBe(false);
  expect(ready('queue_position', { ...blankText, he: 'מספר {{position}}' })).toBe(true);
});

test('channels and their kinds are told apart, and languages without a text are left out', () => {
  expect(toGateway(['chn_1', 'sms'], { ...blankText, en: ' Hi ' })).toEqual({ channel_ids: ['chn_1'], channel_kinds: ['sms'], text: { en: 'Hi' } });
});
