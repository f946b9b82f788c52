/**
 * The conversations that this session knows. The collection is changed in place, so that what a frame costs does not depend on
 * how many are known; a conversation is never changed, only replaced, so that React sees by identity what is new.
 */
import { useCallback, useSyncExternalStore } from 'react';
import type { Conversation, LastMessage, Message } from '~/shared/api/types';
import { LiveList, type ListOptions } from './liveList';

type Listener = () => void;

/** From here on those that nothing shows are forgotten, the ones that were not heard of for longest first. */
const most = 2000;

/** The topic of those who want to know which labels there are. */
const labelsTopic = 'labels';

const none: readonly string[] = [];

/** A conversation's version does not tell how far its newest message got: what was heard of that before stays. */
function withNewerMessage(next: Conversation, held: LastMessage | null | undefined): Conversation {
  return held && held.id === next.last_message?.id && held.version > next.last_message.version ? { ...next, last_message: held } : next;
}

export class Conversations {
  /** The one that was heard of last stands last. */
  private readonly byId = new Map<string, Conversation>();
  private readonly byContact = new Map<string, Set<string>>();
  private readonly labelUses = new Map<string, number>();
  private readonly lists = new Set<LiveList>();
  private readonly listeners = new Map<string, Set<Listener>>();
  /** Grows with every change. */
  version = 0;
  private doubted = new Set<string>();
  private knownLabels: readonly string[] = none;
  private readonly most: number;

  constructor(limit = most) {
    this.most = limit;
  }

  get(id: string): Conversation | undefined {
    return this.byId.get(id);
  }

  get size(): number {
    return this.byId.size;
  }

  /** The conversations of a contact, as they show it now. */
  of(contactId: string): Conversation[] {
    return [...(this.byContact.get(contactId) ?? none)].map((id) => this.byId.get(id) as Conversation);
  }

  /** The labels that the known conversations carry; the same array until that changes. */
  labels(): readonly string[] {
    return this.knownLabels;
  }

  /** Keeps what the gateway says of a conversation, unless we know something newer. */
  put(next: Conversation): void {
    this.doubted.delete(next.id);
    const before = this.byId.get(next.id);
    if (before && before.updated_at > next.updated_at) return;
    this.set(before ? withNewerMessage(next, before.last_message) : next);
  }

  /** Shows how far the newest message of a conversation got, wherever that was heard of. */
  putMessage(message: Message): void {
    const conversation = this.byId.get(message.conversation_id);
    const last = conversation?.last_message;
    if (!conversation || last?.id !== message.id || last.version > message.version) return;
    this.set({ ...conversation, last_message: { ...last, status: message.status, text: message.text, version: message.version } });
  }

  /** Shows a conversation like this, however old what it says is: before the gateway answered, and when it refused. */
  set(next: Conversation): void {
    const before = this.byId.get(next.id);
    this.byId.delete(next.id);
    this.byId.set(next.id, next);
    this.changed(before, next);
    this.forgetSome();
  }

  /** Forgets a conversation: we may not see it any more. */
  remove(id: string): void {
    const before = this.byId.get(id);
    if (!before) return;
    this.byId.delete(id);
    this.doubted.delete(id);
    this.changed(before, undefined);
  }

  clear(): void {
    for (const id of this.byId.keys()) this.remove(id);
  }

  /** From now on nothing that is known is certain: our rights changed, or events were missed. What is heard of again is certain again. */
  doubtAll(): void {
    this.doubted = new Set(this.byId.keys());
  }

  /** Forgets what is still in doubt, but not this one. */
  forgetDoubted(except = ''): void {
    for (const id of this.doubted) if (id !== except) this.remove(id);
  }

  /** An ordered list that is kept true until it is closed. */
  list(options: ListOptions, moved: Listener): { list: LiveList; close: () => void } {
    const list = new LiveList(this.byId.values(), options, moved);
    this.lists.add(list);
    return { list, close: () => void this.lists.delete(list) };
  }

  /** Tells of every change of a topic: a conversation's or a contact's id, or the labels. */
  watch(topic: string, listener: Listener): () => void {
    const those = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, those.add(listener));
    return () => {
      those.delete(listener);
      if (those.size === 0 && this.listeners.get(topic) === those) this.listeners.delete(topic);
    };
  }

  private changed(before: Conversation | undefined, after: Conversation | undefined): void {
    this.version++;
    const contacts = new Set([before?.contact.id, after?.contact.id]);
    if (before && before.contact.id !== after?.contact.id) this.unlink(before);
    if (after && before?.contact.id !== after.contact.id) this.link(after);
    this.countLabels(before?.labels ?? none, after?.labels ?? none);
    for (const list of this.lists) list.change(before, after);
    this.tell((after ?? before)?.id);
    for (const contact of contacts) this.tell(contact);
  }

  private link({ id, contact }: Conversation): void {
    this.byContact.set(contact.id, (this.byContact.get(contact.id) ?? new Set()).add(id));
  }

  private unlink({ id, contact }: Conversation): void {
    const those = this.byContact.get(contact.id);
    those?.delete(id);
    if (those?.size === 0) this.byContact.delete(contact.id);
  }

  private countLabels(before: readonly string[], after: readonly string[]): void {
    const kinds = this.labelUses.size;
    const count = (label: string, step: number) => {
      const uses = (this.labelUses.get(label) ?? 0) + step;
      if (uses > 0) this.labelUses.set(label, uses);
      else this.labelUses.delete(label);
      return uses;
    };
    let fresh = false;
    for (const label of after) fresh = count(label, 1) === 1 || fresh;
    for (const label of before) count(label, -1);
    if (!fresh && kinds === this.labelUses.size) return;
    this.knownLabels = [...this.labelUses.keys()].sort();
    this.tell(labelsTopic);
  }

  private tell(topic: string | undefined): void {
    if (topic) this.listeners.get(topic)?.forEach((listener) => listener());
  }

  /** Looks at the two oldest: what is shown is put behind the others, what is not goes. So each new one makes room for itself. */
  private forgetSome(): void {
    for (let tries = 2; tries > 0 && this.byId.size > this.most; tries--) {
      const oldest = this.byId.values().next().value as Conversation;
      if (!this.isShown(oldest)) {
        this.remove(oldest.id);
        continue;
      }
      this.byId.delete(oldest.id);
      this.byId.set(oldest.id, oldest);
    }
  }

  private isShown(conversation: Conversation): boolean {
    if (this.listeners.has(conversation.id) || this.listeners.has(conversation.contact.id)) return true;
    for (const list of this.lists) if (list.shows(conversation)) return true;
    return false;
  }
}

export const conversations = new Conversations();

function useTopic<T>(topic: string, read: () => T): T {
  const subscribe = useCallback((listener: Listener) => conversations.watch(topic, listener), [topic]);
  return useSyncExternalStore(subscribe, read);
}

/** One conversation, or undefined. */
export const useConversation = (id: string): Conversation | undefined => useTopic(id, () => conversations.get(id));

/** The labels that the conversations we know carry. */
export const useKnownLabels = (): readonly string[] => useTopic(labelsTopic, () => conversations.labels());

/** The conversations of a contact, and those of other contacts that the gateway counts as theirs. */
export function useConversationsOf(contactId: string, others: readonly string[]): Conversation[] {
  const topics = [contactId, ...others].join(' ');
  const subscribe = useCallback(
    (listener: Listener) => {
      const ends = topics.split(' ').map((topic) => conversations.watch(topic, listener));
      return () => ends.forEach((end) => end());
    },
    [topics],
  );
  useSyncExternalStore(subscribe, () => conversations.version);
  const found = new Map(conversations.of(contactId).map((c) => [c.id, c]));
  for (const id of others) {
    const conversation = conversations.get(id);
    if (conversation) found.set(id, conversation);
  }
  return [...found.values()];
}
