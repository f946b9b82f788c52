import { createContext, useContext } from 'react';
import type { Attachment, Capabilities, Conversation } from '~/shared/api/types';
import type { ThreadMessage } from '~/shared/realtime/store';

/** What every row of one thread needs and no row changes. */
export interface ThreadContextValue {
  conversation: Conversation;
  capabilities: Capabilities | undefined;
  myId: string;
  /** All channels are shown: what comes from another one than the conversation's says so. */
  everything: boolean;
  jumpTo: (messageId: string) => void;
  reply: (message: ThreadMessage) => void;
  /** Opens the large view at this picture. */
  view: (message: ThreadMessage, attachment: Attachment) => void;
  /** Opens the choice of emoji beside what was pressed. */
  pickReaction: (message: ThreadMessage, beside: HTMLElement) => void;
  /** Shows where the message has been. */
  trace: (message: ThreadMessage) => void;
  react: (message: ThreadMessage, emoji: string) => void;
}

export const ThreadContext = createContext<ThreadContextValue | null>(null);

export function useThread(): ThreadContextValue {
  const value = useContext(ThreadContext);
  if (!value) throw new Error('useThread outside of a thread');
  return value;
}
