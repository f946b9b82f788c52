import { describe, expect, test } from 'vitest';
import type { Activity } from '~/shared/api/types';
import type { ThreadMessage } from '~/shared/realtime/store';
import { buildRows, firstUnread, keepRows } from './rows';

const start = Date.parse('2026-11-22T09:00:00.000Z');

function message(id: string, minute: number, change: Partial<ThreadMessage> = {}): ThreadMessage {
  const at = new Date(start + minute * 60_000).toISOString();
  return {
    id, conversation_id: 'c', channel_id: 'ch', contact_id: 'k', direction: 'in', type: 'text', text: id, attachments: [], status: 'received',
    error: null, author: { type: 'contact', id: 'k', name: 'Noa' }, provider_id: '', client_id: '', reply_to: null, reactions: [], sent_at: at, seq: 0, arrived: 0, send_at: null, cancel_if_answered: false, created_at: at, version: 1, ...change,
  };
}
const photo = (id: string, minute: number) => message(id, minute, { type: 'media', text: '', attachments: [{ id, kind: 'image', mime: 'image/jpeg', name: '', size: 1, url: '' }] });
const done = (id: string, minute: number): Activity => ({
  id, at: new Date(start + minute * 60_000).toISOString(), subject: { kind: 'conversation', id: 'c' }, contact_id: 'k', conversation_id: 'c', action: 'conversation.changed',
  actor: { kind: 'user', id: 'u', name: 'Dana', cause: { kind: 'request', id: '', depth: 0 } }, changes: [{ field: 'priority', before: 'none', after: id }],
});
const options = { hasOlder: false, hasNewer: false, newFrom: null, seams: new Set<string>(), activities: [] };


test('a day begins with its separator, but not where its beginning is not loaded', () => {
  const items = [message('a', 0), message('b', 24 * 60)];
  expect(buildRows(items, options).map((r) => r.kind)).toEqual(['day', 'message', 'day', 'message']);
  expect(buildRows(items, { ...options, hasOlder: true }).map((r) => r.kind)).toEqual(['message', 'day', 'message']);
});

test('rows keep their keys and places from the end when older ones arrive', () => {
  const newer = [message('c', 60), message('d', 61)];
  const before = buildRows(newer, { ...options, hasOlder: true });
  const after = buildRows([message('a', -2000), message('b', 59), ...newer], options);
  expect(after.slice(-before.length).map((r) => r.key)).toEqual(before.map((r) => r.key));
});

test('a run is one author without a long pause', () => {
  const rows = buildRows([message('a', 0), message('b', 1), message('c', 20), message('d', 21, { direction: 'out', author: { type: 'agent', id: 'u', name: 'Dana' } })], options);
  const edges = rows.flatMap((r) => (r.kind === 'message' ? [`${r.message.id}${r.first ? '<' : ''}${r.last ? '>' : ''}`] : []));
  expect(edges).toEqual(['a<', 'b>', 'c<>', 'd<>']);
});

test('the first message of a page stays the beginning of a run when older ones come above it', () => {
  const items = [message('a', 0), message('b', 1), message('c', 2)];
  const edges = (seams: Set<string>) => buildRows(items, { ...options, seams }).flatMap((r) => (r.kind === 'message' ? [`${r.message.id}${r.first ? '<' : ''}${r.last ? '>' : ''}`] : []));
  expect(edges(new Set())).toEqual(['a<', 'b', 'c>']);
  expect(edges(new Set(['b']))).toEqual(['a<>', 'b<', 'c>']);
});

test('a note never runs together with a reply of the same agent', () => {
  const author = { type: 'agent' as const, id: 'u', name: 'Dana' };
  const rows = buildRows([message('a', 0, { direction: 'out', author }), message('b', 1, { direction: 'out', author, type: 'note' })], options);
  expect(rows.filter((r) => r.kind === 'message').map((r) => r.kind === 'message' && r.first && r.last)).toEqual([true, true]);
});

test('three bare pictures in a row are an album, two are not, a caption or the new line ends it', () => {
  const photos = [photo('a', 0), photo('b', 0.1), photo('c', 0.2)];
  const albums = (items: ThreadMessage[], newFrom: string | null = null) =>
    buildRows(items, { ...options, hasOlder: true, newFrom }).flatMap((r) => (r.kind === 'message' ? [r.album?.length ?? 1] : []));
  expect(albums(photos)).toEqual([3]);
  expect(albums(photos.slice(0, 2))).toEqual([1, 1]);
  expect(albums([...photos, { ...photo('d', 0.3), text: 'look' }])).toEqual([3, 1]);
  expect(albums([...photos, photo('d', 5)])).toEqual([3, 1]);
  expect(albums(photos, 'b')).toEqual([1, 1, 1]);
});

test('reactions are no rows, notices stand alone', () => {
  const rows = buildRows([message('a', 0), message('r', 0.5, { type: 'reaction' }), message('s', 1, { type: 'system', system: 'number_changed' })], options);
  expect(rows.map((r) => r.kind)).toEqual(['day', 'message', 'notice']);
});

test('the line stands above the first unread message of the customer', () => {
  const items = [message('a', 0), message('b', 1), message('n', 2, { direction: 'out' }), message('c', 3)];
  expect(firstUnread(items, 2)).toBe('b');
  expect(firstUnread(items, 0)).toBeNull();
  expect(firstUnread(items, 9)).toBe('a');
  expect(buildRows(items, { ...options, newFrom: 'b' }).map((r) => r.kind)).toEqual(['day', 'message', 'new', 'message', 'message', 'message']);
});

test('rows about which nothing changed stay the very same', () => {
  const items = [message('a', 0), message('b', 1), message('c', 20)];
  const before = buildRows(items, options);
  const after = keepRows(before, buildRows([...items.slice(0, 2), { ...items[2]!, status: 'read' as const }, message('d', 21)], options));
  expect(after.map((row) => before.includes(row))).toEqual([true, true, true, false, false]);
});

describe('what was done with the conversation', () => {
  const kinds = (items: ThreadMessage[], activities: Activity[], more = {}) => buildRows(items, { ...options, ...more, activities }).map((r) => (r.kind === 'message' ? r.message.id : r.kind));

  test('stands between the messages in time, and ends a run', () => {
    const items = [message('a', 0), message('b', 2)];
    expect(kinds(items, [done('x', 1), done('y', 3)])).toEqual(['day', 'a', 'activity', 'b', 'activity']);
    const rows = buildRows(items, { ...options, activities: [done('x', 1)] });
    expect(rows.flatMap((r) => (r.kind === 'message' ? [[r.first, r.last]] : []))).toEqual([[true, true], [true, true]]);
  });

  test('is told only where its part of the history is loaded', () => {
    expect(kinds([message('a', 5)], [done('x', 1), done('y', 6)], { hasOlder: true })).toEqual(['a', 'activity']);
    expect(kinds([message('a', 5)], [done('x', 1), done('y', 6)], { hasNewer: true })).toEqual(['day', 'activity', 'a']);
  });

  test('stands above what waits to go out, and has its day', () => {
    const waiting = message('w', 2, { local: { state: 'waiting' } });
    expect(kinds([message('a', 0), waiting], [done('x', 3)])).toEqual(['day', 'a', 'activity', 'w']);
    expect(kinds([message('a', 0)], [done('x', 24 * 60), done('y', 48 * 60)])).toEqual(['day', 'a', 'day', 'activity', 'day', 'activity']);
  });
});
