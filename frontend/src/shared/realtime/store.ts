/**
 * The live store: messages and contacts as the gateway last said, kept true by the socket. Conversations are in conversations.ts.
 *
 * Reading (hooks):
 *   useConversation(id)            one conversation, or undefined (conversations.ts)
 *   useMessages(conversationId)    a Thread: { items (oldest first), hasOlder, hasNewer, loading, error }
 *   useMessages(personKey(contactId))  likewise, everything said with a person on all channels
 *   useTyping(conversationId)      { customer, agents: [user ids] } who types now
 *   useViewing(conversationId)     user ids of the others who look at it
 *   useConnection()                state of the socket
 *   useDraft(conversationId)       drafts.ts: { draft, setDraft(change), clearDraft() }; kept here at once, on the server soon after
 *
 * Doing (actions.ts):
 *   openThread(id)                 loads the newest page unless it is there; loadAround(id, messageId) jumps into history
 *   loadOlder(id), loadNewer(id)   the next page up or down; safe to call while one is under way
 *   showLatest(id)                 after loadAround: back to the newest page
 *   markRead(id)                   call when the end was seen in a focused window; does nothing when nothing is unread
 *   sendTyping(id)                 call on key strokes; throttles itself
 * Sending (outbox.ts):
 *   sendMessage(conversation, body, preview?)  bubble at once under a new client_id; survives a lost line and a closed tab
 *   retryMessage(message)          sends a refused, failed or unknown message again
 *   discardMessage(message)        removes a message that never reached the gateway
 *
 * A message that waits here has `local`: state "waiting" (clock; goes out by itself) or "refused" (error says why, Retry).
 * Use messageKey(message) as React key: it stays the same when the gateway's copy replaces ours.
 */
import { create } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { ApiError } from '~/shared/api/client';
import type { Contact, Me, Message, Presence } from '~/shared/api/types';
import { conversations } from './conversations';
import type { Connection } from './socket';

export type ThreadMessage = Message & { local?: { state: 'waiting' | 'refused' } };

export interface Thread {
  items: ThreadMessage[];
  hasOlder: boolean;
  hasNewer: boolean;
  loading: '' | 'newest' | 'older' | 'newer';
  error: ApiError | null;
}

export interface LiveState {
  me: Me | null;
  connection: Connection;
  /** The conversation on screen; its messages pass the funnel first. */
  openId: string;
  /** It is watched silently: nobody is told. */
  watching: boolean;
  threads: Record<string, Thread>;
  contacts: Record<string, Contact>;
  /** Per conversation, per typist ('' = the customer): the time at which the sign lapses. */
  typing: Record<string, Record<string, number>>;
  viewing: Record<string, string[]>;
  presence: Record<string, Presence>;
  /** Messages that wait to be taken by the gateway. */
  waiting: number;
  /** How much that waits has no room on this device's disk. */
  unkept: number;
}

/** The key under which a person's timeline, of all channels, stands among the threads. */
export const personKey = (contactId: string) => `person ${contactId}`;
export const personOf = (key: string) => (key.startsWith('person ') ? key.slice(7) : '');

export const emptyThread: Thread = { items: [], hasOlder: true, hasNewer: false, loading: '', error: null };

const initial: LiveState = {
  me: null,
  connection: 'connecting',
  openId: '',
  watching: false,
  threads: {},
  contacts: {},
  typing: {},
  viewing: {},
  presence: {},
  waiting: 0,
  unkept: 0,
};

export const useLive = create<LiveState>()(() => initial);

/** Forgets everything: another person signs in. */
export function resetLive(): void {
  conversations.clear();
  useLive.setState(initial, true);
}

/** Whether this person may do something. */
export const useMay = (permission: string) => useLive((s) => !!s.me?.permissions?.includes(permission));

export const messageKey = (message: Message) => message.client_id || message.id;

export const useMessages = (conversationId: string) => useLive((s) => s.threads[conversationId] ?? emptyThread);
export const useConnection = () => useLive((s) => s.connection);

export const useTyping = (conversationId: string) =>
  useLive(
    useShallow((s) => {
      const who = Object.keys(s.typing[conversationId] ?? {});
      return { customer: who.includes(''), agents: who.filter((id) => id !== '').join(' ') };
    }),
  );

export const useViewing = (conversationId: string) =>
  useLive(useShallow((s) => (s.viewing[conversationId] ?? []).filter((id) => id !== s.me?.user.id)));
