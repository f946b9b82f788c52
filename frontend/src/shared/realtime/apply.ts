import type { EventFrame, SignalFrame } from '~/shared/api/frames';
import type { Contact, Conversation, Message } from '~/shared/api/types';
import type { Conversations } from './conversations';
import { personKey, type LiveState, type Thread, type ThreadMessage } from './store';

/** How long a typing sign is believed without being repeated. */
export const typingLasts = 6000;

/** Provider time orders a conversation; what waits here comes last, in the order it was written. */
function compare(a: ThreadMessage, b: ThreadMessage): number {
  if (Boolean(a.local) !== Boolean(b.local)) return a.local ? 1 : -1;
  if (a.sent_at !== b.sent_at) return a.sent_at < b.sent_at ? -1 : 1;
  if (a.local) return 0;
  if (a.seq !== b.seq) return (a.seq ?? 0) - (b.seq ?? 0);
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

const same = (a: Message, b: Message) => a.id === b.id || (!!a.client_id && a.client_id === b.client_id);

/** An answer of REST may be older than a frame, and so may a frame of another instance: what a version changed is never taken back. */
const older = (message: ThreadMessage, held: ThreadMessage) => !held.local && message.version < held.version;

/** The first place at which a message may stand. */
function position(items: ThreadMessage[], message: ThreadMessage): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(items[middle] as ThreadMessage, message) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The ids in a list, perhaps with some that it had before: what is not here is new, without a look at all the others. */
const idsIn = new WeakMap<ThreadMessage[], Set<string>>();

const idsOf = (m: ThreadMessage) => (m.client_id ? [m.id, m.client_id] : [m.id]);

function knownIds(items: ThreadMessage[]): Set<string> {
  const ids = idsIn.get(items) ?? new Set(items.flatMap(idsOf));
  idsIn.set(items, ids);
  return ids;
}

/** Where a message is in its thread, -1 when it is not there: at its place in the order, unless a change moved it. */
export function indexOf(items: ThreadMessage[], message: ThreadMessage): number {
  const ids = knownIds(items);
  if (!idsOf(message).some((id) => ids.has(id))) return -1;
  const at = position(items, message);
  return items[at]?.id === message.id ? at : items.findLastIndex((m) => same(m, message));
}

/** Puts a message into a list that stays sorted. */
export function upsertMessage(items: ThreadMessage[], message: ThreadMessage): ThreadMessage[] {
  const at = indexOf(items, message);
  const held = items[at];
  if (held && older(message, held)) return items;
  const stays = held && held.id === message.id && compare(held, message) === 0;
  const others = held && !stays ? items.toSpliced(at, 1) : items;
  const next = stays ? items.with(at, message) : others.toSpliced(endOf(others, message), 0, message);
  const ids = knownIds(items);
  for (const id of idsOf(message)) ids.add(id);
  idsIn.set(next, ids);
  return next;
}

/** Behind everything that stands before it; what waits here keeps the order in which it was written. */
function endOf(items: ThreadMessage[], message: ThreadMessage): number {
  return message.local ? items.length : position(items, message);
}

/** Joins a page of REST (any order) with what is there. */
export function mergePage(items: ThreadMessage[], page: Message[]): ThreadMessage[] {
  const merged = new Map(items.map((m) => [m.id, m]));
  for (const message of page) {
    const held = merged.get(message.id);
    if (!held || !older(message, held)) merged.set(message.id, message);
  }
  const taken = new Set(page.map((m) => m.client_id).filter(Boolean));
  return [...merged.values()].filter((m) => !(m.local && taken.has(m.client_id))).sort(compare);
}

type Draft = Pick<LiveState, 'threads' | 'contacts' | 'typing' | 'viewing' | 'presence'>;

function applyMessage(draft: Draft, known: Conversations, message: Message, created: boolean): void {
  const id = message.conversation_id;
  for (const key of [id, personKey(message.contact_id)]) applyToThread(draft, key, message, created);
  if (created && message.direction === 'in') draft.typing = withoutTyping(draft.typing, id, '');
  known.putMessage(message);
}

function applyToThread(draft: Draft, id: string, message: Message, created: boolean): void {
  const thread: Thread | undefined = draft.threads[id];
  if (!thread) return;
  const newest = thread.items.findLast((m) => !m.local);
  // A new message joins only a thread that shows the end; one older than the page waits for scrolling up.
  const inPage = !before(thread, message) && (created ? !thread.hasNewer : !!newest && message.sent_at <= newest.sent_at);
  if (inPage || indexOf(thread.items, message) >= 0) {
    draft.threads = { ...draft.threads, [id]: { ...thread, items: upsertMessage(thread.items, message) } };
  }
}

/** The conversations of these contacts show what this one is called and looks like. */
function showContact(known: Conversations, contact: Contact, ...of: string[]): void {
  const { id, name, avatar_url } = contact;
  for (const conversation of [id, ...of].flatMap((contactId) => known.of(contactId))) {
    const c = conversation.contact;
    if (c.id !== id || c.name !== name || c.avatar_url !== avatar_url) known.set({ ...conversation, contact: { id, name, avatar_url } });
  }
}

/** What moved between conversations is loaded again where it is on screen; one that was merged into another is gone. */
function applyConversation(draft: Draft, known: Conversations, next: Conversation): void {
  const held = known.get(next.id);
  if (next.moved_at && next.moved_at !== held?.moved_at) {
    const { [next.id]: _, [next.merged_into ?? '']: __, ...threads } = draft.threads;
    draft.threads = withoutPersons(threads, [next.contact.id]);
  }
  if (next.merged_into) known.remove(next.id);
  else known.put(next);
}

/** Two contacts are one person from now on. What was said with them is loaded again where it is on screen. */
function applyMerge(draft: Draft, known: Conversations, contact: Contact, absorbed: string): void {
  showContact(known, contact, absorbed);
  draft.threads = withoutPersons(draft.threads, [absorbed, contact.id]);
  draft.contacts = { ...draft.contacts, [contact.id]: contact, [absorbed]: contact };
}

export function withoutPersons(threads: LiveState['threads'], contactIds: string[]): LiveState['threads'] {
  const gone = contactIds.map(personKey);
  return Object.fromEntries(Object.entries(threads).filter(([key]) => !gone.includes(key)));
}

const before = (thread: Thread, message: Message) =>
  thread.hasOlder && !!thread.items[0] && message.sent_at < thread.items[0].sent_at;

function withoutTyping(typing: LiveState['typing'], id: string, who: string): LiveState['typing'] {
  const { [id]: here = {}, ...elsewhere } = typing;
  const { [who]: gone, ...others } = here;
  if (gone === undefined) return typing;
  return Object.keys(others).length > 0 ? { ...elsewhere, [id]: others } : elsewhere;
}

function applySignal(draft: Draft, frame: SignalFrame, now: number): void {
  switch (frame.type) {
    case 'typing': {
      const { conversation_id: id, typing } = frame.data;
      const who = frame.data.user_id ?? '';
      draft.typing = typing
        ? { ...draft.typing, [id]: { ...draft.typing[id], [who]: now + typingLasts } }
        : withoutTyping(draft.typing, id, who);
      return;
    }
    case 'viewing': {
      const { conversation_id: id, user_id, viewing } = frame.data;
      const { [id]: here = [], ...elsewhere } = draft.viewing;
      const others = here.filter((u) => u !== user_id);
      const present = viewing ? [...others, user_id] : others;
      draft.viewing = present.length > 0 ? { ...elsewhere, [id]: present } : elsewhere;
    }
  }
}

/** A contact is kept only where somebody has looked at it. */
function applyContact(draft: Draft, known: Conversations, contact: Contact): void {
  const held = draft.contacts[contact.id];
  if (held && held.merged_from.length !== contact.merged_from.length) {
    draft.threads = withoutPersons(draft.threads, [contact.id]); // separated: the timeline is another one
  }
  if (held) draft.contacts = { ...draft.contacts, [contact.id]: contact };
  showContact(known, contact);
}

/** Applies a batch of frames, in order: to the known conversations in place, and to the state, whose parts it returns. */
export function applyFrames(state: LiveState, known: Conversations, frames: (EventFrame | SignalFrame)[], now: number): Partial<LiveState> {
  const { threads, contacts, typing, viewing, presence } = state;
  const draft: Draft = { threads, contacts, typing, viewing, presence };
  for (const frame of frames) {
    switch (frame.type) {
      case 'message.created':
      case 'message.updated':
        applyMessage(draft, known, frame.data, frame.type === 'message.created');
        break;
      case 'conversation.created':
      case 'conversation.updated':
        applyConversation(draft, known, frame.data);
        break;
      case 'contact.created':
      case 'contact.updated':
        applyContact(draft, known, frame.data);
        break;
      case 'contact.merged':
        applyMerge(draft, known, frame.data, frame.data.absorbed_id);
        break;
      case 'agent.updated':
        draft.presence = { ...draft.presence, [frame.data.user_id]: frame.data };
        break;
      case 'typing':
      case 'viewing':
        applySignal(draft, frame, now);
        break;
      case 'lock':
      case 'view.counts':
      case 'assignment.changed':
      case 'assignment.offered':
      case 'assignment.offer_over':
      case 'queue.updated':
      case 'board.updated':
      case 'activity.created':
      case 'channel.updated':
      case 'team.created':
      case 'team.updated':
      case 'team.deleted':
      case 'job.updated':
      case 'dead_letters.changed':
      case 'reminder.created':
      case 'reminder.deleted':
      case 'notification.created':
        break; // the app's listeners act on these; they change nothing that is kept here
    }
  }
  return draft;
}

/** Drops typing signs whose time is over; the same object when none is. */
export function lapseTyping(typing: LiveState['typing'], now: number): LiveState['typing'] {
  let next = typing;
  for (const [id, who] of Object.entries(typing)) {
    for (const [user, until] of Object.entries(who)) if (until <= now) next = withoutTyping(next, id, user);
  }
  return next;
}
