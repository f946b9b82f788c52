import { describe, expect, test } from 'vitest';
import { at, conversation } from '~/shared/test/samples';
import { compareBy, matches, parseFilters, parseInboxSearch, toQuery } from './filters';

test('an address with nonsense is the plain list', () => {
  expect(parseFilters({ view: 'theirs', status: 'open', channel: 7, unread: 'yes', sort: null })).toEqual({});
});

test('words looked for may look like a number', () => {
  expect(parseInboxSearch({ q: 48213 })).toEqual({ q: '48213' });
});

test('without a status the live ones are asked for', () => {
  expect(toQuery({ view: 'mine', unread: true })).toMatchObject({ status: 'open,pending', assignee: 'me', unread: true });
  expect(toQuery({ view: 'unassigned', status: ['resolved'] })).toMatchObject({ status: 'resolved', assignee: 'none' });
});

describe('what the socket brings is held against the same filters', () => {
  const c = conversation('c', { assignee_id: 'me', unread_count: 2, labels: ['VIP'] });
  test.each([
    [{}, true],
    [{ view: 'mine' as const }, true],
    [{ view: 'unassigned' as const }, false],
    [{ unread: true as const }, true],
    [{ label: 'VIP' }, true],
    [{ label: 'late' }, false],
    [{ channel: 'chn_2' }, false],
    [{ status: ['resolved' as const] }, false],
    [{ queue: 't1' }, false],
  ])('%j → %s', (filters, expected) => {
    expect(matches(filters, c, 'me')).toBe(expected);
  });
});

describe('order', () => {
  const a = conversation('a', { last_activity_at: at(1), priority: 'urgent', window: { open: false, closes_at: at(50), human_closes_at: null } });
  const b = conversation('b', { last_activity_at: at(2), window: { open: true, closes_at: at(60), human_closes_at: null } });
  const c = conversation('c', { last_activity_at: at(2), priority: 'low', window: { open: true, closes_at: at(59), human_closes_at: null } });
  test.each([
    [undefined, 'cba'],
    ['oldest' as const, 'abc'],
    ['priority' as const, 'acb'],
    ['window' as const, 'cba'],
  ])('%s', (sort, expected) => {
    expect([a, b, c].sort(compareBy(sort)).map((x) => x.id).join('')).toBe(expected);
  });
});

test('a queue is what its team was given and nobody has', () => {
  expect(toQuery({ queue: 't1' })).toMatchObject({ team: 't1', assignee: 'none', status: 'open,pending' });
  expect(matches({ queue: 't1' }, conversation('c', { team_id: 't1' }), 'me')).toBe(true);
  expect(matches({ queue: 't1' }, conversation('c', { team_id: 't2' }), 'me')).toBe(false);
  expect(matches({ queue: 't1' }, conversation('c', { team_id: 't1', assignee_id: 'me' }), 'me')).toBe(false);
});

test('an agent’s conversations are those that they have', () => {
  expect(toQuery({ agent: 'u2' })).toMatchObject({ assignee: 'u2', status: 'open,pending' });
  expect(matches({ agent: 'u2' }, conversation('c', { assignee_id: 'u2' }), 'me')).toBe(true);
  expect(matches({ agent: 'u2' }, conversation('c'), 'me')).toBe(false);
});
