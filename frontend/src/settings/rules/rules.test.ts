import { describe, expect, test } from 'vitest';
import type { ConditionField, Rule } from '~/shared/api/types';
import { askable, complete, newTest, operatorsOf, testsOf, whenOf, withOperator } from './condition';
import { moved, withEdited } from './order';

const all = ['is', 'is_not', 'in', 'not_in', 'contains', 'not_contains', 'starts_with', 'matches_word', 'exists'];
const field = (name: string, kind: string, choices: string[] = [], operators = all): ConditionField => ({ field: name, kind, choices, operators });
const text = field('text', 'text');
const kind = field('channel_kind', 'select', ['sms', 'email']);
const fields = [text, kind, field('labels', 'multi_select'), field('opted_out', 'checkbox', [], ['is', 'is_not']), field('unread', 'checkbox'), field('created_at', 'datetime'), field('contact.fields.*', 'text')];

test('only fields are offered that a rule can be asked about', () => {
  expect(askable(fields).map((f) => f.field)).toEqual(['text', 'channel_kind', 'labels', 'opted_out']);
});

test('only operators are offered that the gateway has for the field', () => {
  expect(operatorsOf(field('text', 'text', [], ['is', 'contains']))).toEqual(['contains', 'is']);
});

describe('a condition of the gateway', () => {
  test.each([
    [{ all: [{ field: 'text', op: 'contains', value: 'refund' }] }, 'all', 1],
    [{ any: [{ field: 'channel_kind', op: 'in', value: ['sms'] }, { field: 'labels', op: 'exists' }] }, 'any', 2],
    [{ field: 'opted_out', op: 'is', value: false }, 'all', 1],
    [{ all: [] }, 'all', 0],
  ])('%j can be built', (when, match, count) => {
    const tests = testsOf(when, fields);
    expect([tests?.match, tests?.tests.length]).toEqual([match, count]);
  });

  test.each([
    [{ not: { field: 'text', op: 'is', value: 'x' } }],
    [{ all: [{ any: [] }] }],
    [{ field: 'created_at', op: 'within_last', value: { count: 3, unit: 'day' } }],
    [{ field: 'gone', op: 'is', value: 'x' }],
    [null],
  ])('%j is left as it is', (when) => {
    expect(testsOf(when, fields)).toBeNull();
  });

  test('is the same after it was built', () => {
    const when = { any: [{ field: 'channel_kind', op: 'is', value: 'sms' }, { field: 'text', op: 'starts_with', value: 'hi' }] };
    expect(whenOf(testsOf(when, fields)!)).toEqual(when);
  });
});

test('another operator keeps the value as far as it fits', () => {
  const is = { field: 'channel_kind', op: 'is', value: 'sms' };
  const one = withOperator(is, kind, 'in');
  expect(one).toEqual({ field: 'channel_kind', op: 'in', value: ['sms'] });
  expect(withOperator(one, kind, 'is_not')).toEqual({ field: 'channel_kind', op: 'is_not', value: 'sms' });
  expect(withOperator(is, kind, 'exists')).toEqual({ field: 'channel_kind', op: 'exists' });
});

test('a rule is not saved with a test that says nothing', () => {
  expect(complete({ match: 'all', tests: [newTest(text)] })).toBe(false);
  expect(complete({ match: 'all', tests: [{ ...newTest(text), value: 'x' }, { field: 'labels', op: 'exists' }] })).toBe(true);
});

test('a rule moves to a place, and never out of the list', () => {
  expect(moved(['a', 'b', 'c'], 'a', 2)).toEqual(['b', 'c', 'a']);
  expect(moved(['a', 'b', 'c'], 'c', 0)).toEqual(['c', 'a', 'b']);
  const ids = ['a', 'b'];
  expect(moved(ids, 'a', -1)).toBe(ids);
  expect(moved(ids, 'b', 2)).toBe(ids);
});

test('days are tried with the rule as it is edited, in its place', () => {
  // oxlint-disable-next-line unicorn/no-thenable -- the API calls it so
  const rule = (id: string): Rule => ({ id, name: id, enabled: true, when: {}, then: { priority: 'high' }, go_on: false, version: 1 });
  // oxlint-disable-next-line unicorn/no-thenable -- the API calls it so
  const edited = { name: 'new', when: { all: [] }, then: { priority: 'low' as const }, go_on: true };
  const rules = [rule('a'), rule('b')];
  expect(withEdited(rules, 'a', edited).map(({ name, then }) => [name, then.priority])).toEqual([['new', 'low'], ['b', 'high']]);
  expect(withEdited(rules, null, edited).map(({ name }) => name)).toEqual(['a', 'b', 'new']);
});
