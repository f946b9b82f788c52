import type { EventFrame, SignalFrame } from '~/shared/api/frames';
import type { Contact, Conversation, Message } from '~/shared/api/types';
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

/** Puts a message into a list that stays sorted. The common case, at the end, costs nothing. */
export function upsertMessage(items: ThreadMessage[], message: ThreadMessage): ThreadMessage[] {
  const at = items.findLastIndex((m) => same(m, message));
  const held = items[at];
  if (held) {
    if (older(message, held)) return items;
    const next = items.with(at, message);
    const moved = held.sent_at !== message.sent_at || held.seq !== message.seq || Boolean(held.local) !== Boolean(message.local);
    return moved ? next.sort(compare) : next;
  }
  const end = items.findLastIndex((m) => compare(m, message) <= 0) + 1;
  return items.toSpliced(end, 0, message);
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

/** The newer of two pictures of a conversation. */
export function newer(held: Conversation | undefined, next: Conversation): Conversation {
  return held && held.updated_at > next.updated_at ? held : next;
}

type Draft = Pick<LiveState, 'conversations' | 'threads' | 'contacts' | 'typing' | 'viewing' | 'presence'>;

function applyMessage(draft: Draft, message: Message, created: boolean): void {
  const id = message.conversation_id;
  for (const key of [id, personKey(message.contact_id)]) applyToThread(draft, key, message, created);
  if (created && message.direction === 'in') draft.typing = withoutTyping(draft.typing, id, '');
  const conversation = draft.conversations[id];
  if (conversation?.last_message?.id === message.id && conversation.last_message.version <= message.version) {
    const last_message = { ...conversation.last_message, status: message.status, text: message.text, version: message.version };
    draft.conversations = { ...draft.conversations, [id]: { ...conversation, last_message } };
  }
}

function applyToThread(draft: Draft, id: string, message: Message, created: boolean): void {
  const thread: Thread | undefined = draft.threads[id];
  if (thread) {
    const known = thread.items.some((m) => same(m, message));
    const newest = thread.items.findLast((m) => !m.local);
    // A new message joins only a thread that shows the end; one older than the page waits for scrolling up.
    const inPage = created ? !thread.hasNewer : !!newest && message.sent_at <= newest.sent_at && !before(thread, message);
    if (known || (inPage && !before(thread, message))) {
      draft.threads = { ...draft.threads, [id]: { ...thread, items: upsertMessage(thread.items, message) } };
    }
  }
}

/** The conversations of these contacts show what this one is called and looks like. */
function showContact(draft: Draft, contact: Contact, ...of: string[]): void {
  const { id, name, avatar_url = '' } = contact;
  const stale = Object.values(draft.conversations).filter(({ contact: c }) => of.includes(c.id) || (c.id === id && (c.name !== name || (c.avatar_url ?? '') !== avatar_url)));
  if (stale.length === 0) return;
  draft.conversations = { ...draft.conversations, ...Object.fromEntries(stale.map((c) => [c.id, { ...c, contact: { id, name, avatar_url } }])) };
}

/** Two contacts are one person from now on. What was said with them is loaded again where it is on screen. */
function applyMerge(draft: Draft, contact: Contact, absorbed: string): void {
  showContact(draft, contact, absorbed);
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
  const { [who]: gone, ...others } = typing[id] ?? {};
  return gone === undefined ? typing : { ...typing, [id]: others };
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
      const others = (draft.viewing[id] ?? []).filter((u) => u !== user_id);
      draft.viewing = { ...draft.viewing, [id]: viewing ? [...others, user_id] : others };
      return;
    }
    case 'presence':
      draft.presence = { ...draft.presence, [frame.data.user_id]: frame.data.status };
  }
}

/** Applies a batch of frames to the state, in order, and returns the parts that changed. Pure. */
export function applyFrames(state: LiveState, frames: (EventFrame | SignalFrame)[], now: number): Partial<LiveState> {
  const { conversations, threads, contacts, typing, viewing, presence } = state;
  const draft: Draft = { conversations, threads, contacts, typing, viewing, presence };
  for (const frame of frames) {
    switch (frame.type) {
      case 'message.created':
      case 'message.updated':
        applyMessage(draft, frame.data, frame.type === 'message.created');
        break;
      case 'conversation.created':
      case 'conversation.updated': {
        const next = newer(draft.conversations[frame.data.id], frame.data);
        draft.conversations = { ...draft.conversations, [next.id]: next };
        break;
      }
      case 'contact.created':
      case 'contact.updated':
        if (draft.contacts[frame.data.id]?.merged_from?.length !== frame.data.merged_from?.length) {
          draft.threads = withoutPersons(draft.threads, [frame.data.id]); // separated: the timeline is another one
        }
        draft.contacts = { ...draft.contacts, [frame.data.id]: frame.data };
        showContact(draft, frame.data);
        break;
      case 'contact.merged':
        applyMerge(draft, frame.data, frame.data.absorbed_id);
        break;
      case 'typing':
      case 'viewing':
      case 'presence':
        applySignal(draft, frame, now);
        break;
      case 'assignment.changed':
      case 'channel.updated':
      case 'notification.created':
        break; // live.ts acts on these; they change no entity by themselves
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
