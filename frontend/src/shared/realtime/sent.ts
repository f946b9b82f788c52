/** What was sent last and can be taken back for a few seconds. */
import { create } from 'zustand';
import type { Conversation } from '~/shared/api/types';
import { storedChoice } from '~/shared/lib/stored';
import type { Returned } from './again';

/** For how many seconds a message can be taken back: a choice of this device. */
export const undoChoices = [0, 5, 10, 20, 30] as const;
export const [useUndoSeconds, setUndoSeconds, undoSeconds] = storedChoice<number>('wasl.undo', 5);

export interface Sent {
  conversationId: string;
  name: string;
  messages: (Returned & { client_id: string })[];
  seconds: number;
  /** Until when it can be taken back, by performance.now(). */
  until: number;
}

export const useSent = create<{ sent: Sent | null }>()(() => ({ sent: null }));

/** What is sent together can be taken back together. */
const togetherWithin = 100;

export function noteSent({ id, contact }: Conversation, message: Sent['messages'][number], seconds: number): void {
  const until = performance.now() + seconds * 1000;
  useSent.setState(({ sent }) => {
    const together = sent?.conversationId === id && until - sent.until < togetherWithin ? sent.messages : [];
    return { sent: { conversationId: id, name: contact.name, messages: [...together, message], seconds, until } };
  });
}

export const forgetSent = () => useSent.setState({ sent: null });
