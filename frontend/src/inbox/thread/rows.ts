/** Turns messages into the rows of the thread: days, the line above what is new, bubbles that belong together, albums, what was done between them. */
import type { Activity } from '~/shared/api/types';
import { messageKey, type ThreadMessage } from '~/shared/realtime/store';
import { linesOf, type ActivityLine } from './activity';

export type Row =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'new'; key: string }
  | { kind: 'notice'; key: string; message: ThreadMessage }
  | { kind: 'activity'; key: string; lines: ActivityLine[] }
  | MessageRow;

export interface MessageRow {
  kind: 'message';
  key: string;
  message: ThreadMessage;
  /** The pictures that are shown together with the first one; its own among them. */
  album: ThreadMessage[] | null;
  /** First and last of a run by the same author. */
  first: boolean;
  last: boolean;
}

/** A pause this long begins a new run. */
const runGap = 5 * 60_000;
const albumMin = 3;
const albumGap = 60_000;

const times = new WeakMap<ThreadMessage, { at: number; day: number }>();

/** When a message was sent, and the midnight before it. Asked for all messages with every event, so it is kept. */
function timeOf(message: ThreadMessage): { at: number; day: number } {
  let time = times.get(message);
  if (!time) {
    const date = new Date(message.sent_at);
    times.set(message, (time = { at: date.getTime(), day: new Date(date).setHours(0, 0, 0, 0) }));
  }
  return time;
}

const sameDay = (a: ThreadMessage, b: ThreadMessage) => timeOf(a).day === timeOf(b).day;
const gap = (a: ThreadMessage, b: ThreadMessage) => timeOf(b).at - timeOf(a).at;

/** Notices stand in the middle and belong to nobody. */
export const isNotice = (m: ThreadMessage) => m.type === 'system' && !m.referral;

function sameAuthor(a: ThreadMessage, b: ThreadMessage): boolean {
  return a.channel_id === b.channel_id && a.direction === b.direction && (a.type === 'note') === (b.type === 'note') && a.author.type === b.author.type && a.author.id === b.author.id;
}

const sameRun = (a: ThreadMessage | undefined, b: ThreadMessage | undefined) =>
  !!a && !!b && !isNotice(a) && !isNotice(b) && sameAuthor(a, b) && gap(a, b) < runGap && sameDay(a, b);

/** A bare picture or film with nothing of its own to say. */
function isAlbumPart(m: ThreadMessage): boolean {
  const kind = m.attachments.length === 1 && m.attachments[0]?.kind;
  return (
    m.type === 'media' && (kind === 'image' || kind === 'video') && !m.text && !m.quote && !m.referral && !m.deleted_at &&
    m.reactions.length === 0 && m.status !== 'failed' && m.status !== 'unknown'
  );
}

/** How many messages from here on make one album; 0 when too few. */
function albumLength(items: ThreadMessage[], from: number, begins: (m: ThreadMessage) => boolean): number {
  let end = from;
  for (let m = items[end]; m && isAlbumPart(m); m = items[++end]) {
    const before = items[end - 1];
    if (end > from && before && (!sameRun(before, m) || gap(before, m) > albumGap || begins(m))) break;
  }
  return end - from >= albumMin ? end - from : 0;
}

export interface RowOptions {
  /** There is more above: what day the first message begins is then not known. */
  hasOlder: boolean;
  /** There is more below. */
  hasNewer: boolean;
  /** What was done with the conversation, oldest first. */
  activities: Activity[];
  /** The message above which the "new messages" line stands. */
  newFrom: string | null;
  /**
   * Messages that once were the first that was loaded. Each begins a run for good: if it joined the run of older ones that
   * come in above, its height would change under the eyes of the reader.
   */
  seams: ReadonlySet<string>;
}

/** Midnight before a moment. */
const dayOf = (at: string) => new Date(at).setHours(0, 0, 0, 0);

/** Rows in the making: a day gets its separator with the first thing that happens on it. */
class Builder {
  readonly rows: Row[] = [];
  private day: number | null = null;

  beginDay(at: string, day: number, key: string, known: boolean): void {
    if (known && day !== this.day) this.rows.push({ kind: 'day', key: `day ${at.slice(0, 10)} ${key}`, at });
    this.day = day;
  }

  /** One row for each day of what happened between two messages. */
  add(activities: Activity[]): void {
    const lines = linesOf(activities);
    for (let from = 0; from < lines.length; ) {
      const first = lines[from] as ActivityLine;
      const day = dayOf(first.at);
      let end = from + 1;
      while (end < lines.length && dayOf((lines[end] as ActivityLine).at) === day) end++;
      this.beginDay(first.at, day, first.key, true);
      this.rows.push({ kind: 'activity', key: first.key, lines: lines.slice(from, end) });
      from = end;
    }
  }
}

/** What waits for its time, or was taken back, has not been said. */
const isSaid = (m: ThreadMessage) => m.status !== 'scheduled' && m.status !== 'canceled';

export function buildRows(all: ThreadMessage[], { hasOlder, hasNewer, newFrom, seams, activities }: RowOptions): Row[] {
  const items = all.every(isSaid) ? all : all.filter(isSaid);
  const builder = new Builder();
  const { rows } = builder;
  const begins = (m: ThreadMessage) => m.id === newFrom || seams.has(m.id);
  const first = items[0]?.sent_at ?? '';
  // What happened before the first message that is loaded is told when its part of the history is.
  let next = hasOlder ? activities.findIndex((a) => a.at >= first) : 0;
  if (next < 0) next = activities.length;
  /** What happened before this message; true when that is something to see. */
  const addUntil = (at: string): boolean => {
    const from = next;
    while (next < activities.length && (activities[next] as Activity).at < at) next++;
    const before = rows.length;
    if (next > from) builder.add(activities.slice(from, next));
    return rows.length > before;
  };
  let broken = false;
  for (let i = 0; i < items.length; i++) {
    const message = items[i];
    if (!message || message.type === 'reaction') continue;
    // What waits here stands at the end, behind all that has happened.
    broken = addUntil(message.local ? '9' : message.sent_at) || broken;
    const key = messageKey(message);
    builder.beginDay(message.sent_at, timeOf(message).day, key, i > 0 || !hasOlder);
    if (message.id === newFrom) rows.push({ kind: 'new', key: 'new' });
    if (isNotice(message)) {
      rows.push({ kind: 'notice', key, message });
      continue;
    }
    const until = activities[next]?.at;
    const length = albumLength(items, i, (m) => begins(m) || (!!until && until <= m.sent_at));
    const album = length ? items.slice(i, i + length) : null;
    const before = items[i - 1];
    if (length) i += length - 1;
    const after = items[i + 1];
    rows.push({
      kind: 'message', key, message, album,
      first: broken || begins(message) || !sameRun(before, message),
      last: !after || begins(after) || !sameRun(items[i], after) || (!!until && until <= after.sent_at),
    });
    broken = false;
  }
  if (!hasNewer) addUntil('9');
  return rows;
}

const sameAlbum = (a: ThreadMessage[] | null, b: ThreadMessage[] | null) => a === b || (!!a && !!b && a.length === b.length && a.every((m, i) => m === b[i]));

function sameRow(a: Row, b: Row): boolean {
  if (a.kind === 'message') return b.kind === 'message' && a.message === b.message && a.first === b.first && a.last === b.last && sameAlbum(a.album, b.album);
  if (a.kind === 'notice') return b.kind === 'notice' && a.message === b.message;
  if (a.kind === 'activity') return b.kind === 'activity' && JSON.stringify(a.lines) === JSON.stringify(b.lines);
  return a.kind === b.kind;
}

/** The rows as they were, where nothing about them changed: what is on screen is not drawn again for every event. */
export function keepRows(before: Row[], after: Row[]): Row[] {
  const held = new Map(before.map((row) => [row.key, row]));
  return after.map((row) => {
    const old = held.get(row.key);
    return old && sameRow(old, row) ? old : row;
  });
}

/** The message above which the line stands when so many are unread. */
export function firstUnread(items: ThreadMessage[], unread: number): string | null {
  let left = unread;
  for (let i = items.length - 1; i >= 0 && left > 0; i--) {
    const m = items[i];
    if (m?.direction === 'in' && --left === 0) return m.id;
  }
  return unread > 0 ? (items.find((m) => m.direction === 'in')?.id ?? null) : null;
}
