import { describe, expect, test } from 'vitest';
import type { Activity } from '~/shared/api/types';
import { at } from '~/shared/test/samples';
import { isTold, linesOf, sayings } from './activity';

const dana: Activity['actor'] = { kind: 'user', id: 'usr_1', name: 'Dana', cause: { kind: 'request', id: '', depth: 0 } };
const noa: Activity['actor'] = { kind: 'contact', id: 'con_1', name: 'Noa', cause: { kind: 'webhook', id: '', depth: 0 } };
const timer: Activity['actor'] = { kind: 'system', id: '', name: '', cause: { kind: 'timer', id: '', depth: 0 } };
let n = 0;
const did = (second: number, field: string, before: unknown, after: unknown, actor = dana): Activity => ({
  id: `act_${n++}`, at: at(second), subject: { kind: 'conversation', id: 'c1' }, contact_id: 'con_1', conversation_id: 'c1', actor, action: 'conversation.changed', changes: [{ field, before, after }],
});
const said = (...activities: Activity[]) => linesOf(activities.filter(isTold)).map((line) => sayings(line).map(({ key, value, labels }) => [key, value ?? labels].filter((x) => x !== undefined).flat().join(' ')));

describe('what one person does within a while', () => {
  test('is one line with the last word on each field', () => {
    expect(said(did(1, 'labels', [], ['a']), did(2, 'labels', ['a'], ['a', 'b']), did(3, 'labels', ['a', 'b'], ['b']), did(4, 'priority', 'none', 'high'))).toEqual([
      ['labelsAdded b', 'priority high'],
    ]);
  });
  test('is nothing when it ends as it began', () => {
    expect(said(did(1, 'status', 'open', 'resolved'), did(9, 'status', 'resolved', 'open'))).toEqual([]);
  });
  test('is another line later, and by another person', () => {
    expect(said(did(1, 'type', '', 'sales'), did(2, 'type', 'sales', '', { ...dana, id: 'usr_2' }), did(2000, 'type', '', 'support', { ...dana, id: 'usr_2' }))).toEqual([['type sales'], ['noType'], ['type support']]);
  });
});

test.each([
  ['who has it', did(1, 'assignee_id', '', 'usr_2'), 'assigned usr_2'],
  ['nobody has it', did(1, 'assignee_id', 'usr_2', ''), 'unassigned'],
  ['resolved', did(1, 'status', 'open', 'resolved'), 'resolved'],
  ['reopened by a person', did(1, 'status', 'resolved', 'open'), 'reopened'],
  ['reopened because the customer wrote', did(1, 'status', 'resolved', 'open', noa), 'reopenedByCustomer'],
  ['the snooze is over', did(1, 'status', 'snoozed', 'open', timer), 'woke'],
  ['no priority', did(1, 'priority', 'high', 'none'), 'noPriority'],
  ['no messages wanted', did(1, 'opted_out', false, true, noa), 'optedOut'],
])('%s', (_, activity, expected) => {
  expect(said(activity)).toEqual([[expected]]);
});

test('a snooze says until when, once', () => {
  const snoozed = did(1, 'status', 'open', 'snoozed');
  snoozed.changes.push({ field: 'snoozed_until', before: null, after: at(99) });
  expect(said(snoozed)).toEqual([[`snoozed ${at(99)}`]]);
  expect(said(did(1, 'status', 'open', 'snoozed'))).toEqual([['untilAnswered']]);
});

test('that a customer’s message began the conversation needs no line; that an agent did, does', () => {
  const began = (actor: Activity['actor']): Activity => ({ ...did(1, '', '', '', actor), action: 'conversation.created', changes: [] });
  expect(said(began(noa))).toEqual([]);
  expect(said(began(dana), did(2, 'priority', 'none', 'low'))).toEqual([['began'], ['priority low']]);
});
