/**
 * What waits on this device, on its disk. Each entry has a key of its own, so that no tab ever writes what another one keeps; all tabs of a browser
 * show the same, and one of them sends it.
 */
import type { Message, NewMessage } from '~/shared/api/types';
import type { Assignment, ConversationChange } from './actions';
import { useLive, type ThreadMessage } from './store';

/** A message on its way. */
export interface MessageEntry {
  body: NewMessage;
  message: ThreadMessage;
  order: number;
}

/** Something else that is done to a conversation. */
export interface ChangeEntry {
  id: string;
  conversationId: string;
  change?: ConversationChange;
  assignment?: Assignment;
  /** The newest message when it was done; '' if there was none. */
  seen: string;
  order: number;
}

export type Entry = MessageEntry | ChangeEntry;

export const isMessage = (entry: Entry): entry is MessageEntry => 'message' in entry;
export const idOf = (entry: Entry): string => (isMessage(entry) ? entry.body.client_id : entry.id);
export const conversationOf = (entry: Entry): string => (isMessage(entry) ? entry.message.conversation_id : entry.conversationId);
/** It goes out by itself; what was refused waits for somebody to decide. */
export const isWaiting = (entry: Entry): boolean => !isMessage(entry) || entry.message.local?.state === 'waiting';

const prefix = () => `wasl.outbox.${useLive.getState().me?.user.id ?? ''}`;
const keyOf = (id: string) => `${prefix()}.${id}`;
/** What the device has no room for; it lives as long as this tab. */
const unkept = new Map<string, Entry>();

/** What waits, in the order in which it was written. */
export function readOutbox(): Entry[] {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(`${prefix()}.`));
  const entries = keys.flatMap((key): Entry[] => {
    try {
      return [JSON.parse(localStorage.getItem(key) ?? '') as Entry];
    } catch {
      return [];
    }
  });
  const here = [...unkept].filter(([key]) => key.startsWith(`${prefix()}.`)).map(([, entry]) => entry);
  return [...entries, ...here].sort((a, b) => a.order - b.order);
}

export const waitingIn = (conversationId: string): Entry[] => readOutbox().filter((e) => conversationOf(e) === conversationId && isWaiting(e));

/** The order of a new entry: behind all others, also within one millisecond and where the clock of the device was put back. */
export const nextOrder = (): number => Math.max((readOutbox().at(-1)?.order ?? 0) + 1, Date.now());

export const count = () => useLive.setState({ waiting: readOutbox().filter((e) => isMessage(e) && isWaiting(e)).length, unkept: unkept.size });

export function writeOutbox(entry: Entry): void {
  const key = keyOf(idOf(entry));
  unkept.delete(key);
  try {
    localStorage.setItem(key, JSON.stringify(entry));
  } catch {
    localStorage.removeItem(key);
    unkept.set(key, entry);
  }
  count();
}

export function removeFromOutbox(id: string): void {
  localStorage.removeItem(keyOf(id));
  unkept.delete(keyOf(id));
  count();
}

// What has no room on the disk would be lost with the tab: the browser asks first.
window.addEventListener('beforeunload', (event) => unkept.size > 0 && event.preventDefault());

/** Takes apart the one list that older versions kept. */
export function adoptOld(): void {
  const old = localStorage.getItem(prefix());
  if (!old) return;
  localStorage.removeItem(prefix());
  for (const [order, entry] of (JSON.parse(old) as MessageEntry[]).entries()) writeOutbox({ ...entry, order });
}

/** Tells of what another tab wrote or took away. */
export function followOutbox(changed: (id: string, entry: Entry | null) => void): () => void {
  const follow = ({ key, newValue }: StorageEvent) => {
    if (!key?.startsWith(`${prefix()}.`)) return;
    count();
    changed(key.slice(prefix().length + 1), newValue ? (JSON.parse(newValue) as Entry) : null);
  };
  window.addEventListener('storage', follow);
  return () => window.removeEventListener('storage', follow);
}

/**
 * Does some work in one tab of the browser only. False: another one is at it. Plain addresses have no such locks; there the gateway alone sees to it
 * that nothing is sent twice.
 */
export async function alone(name: string, work: () => Promise<void>): Promise<boolean> {
  if (!navigator.locks) {
    await work();
    return true;
  }
  return navigator.locks.request(`${prefix()}.${name}`, { ifAvailable: true }, async (lock) => {
    if (lock) await work();
    return lock !== null;
  });
}

/** The recipients of a mail as a message has them. */
export function asMail({ subject = '', to, cc, bcc }: NonNullable<NewMessage['mail']>): Message['mail'] {
  const list = (addresses?: string[] | null) => addresses?.map((address) => ({ address }));
  return { subject, to: list(to), cc: list(cc), bcc: list(bcc) } as Message['mail'];
}
