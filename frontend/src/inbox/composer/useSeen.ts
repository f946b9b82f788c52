/** What the agent has seen who writes an answer, and what came since. */
import { useState } from 'react';
import type { Conversation, Message } from '~/shared/api/types';
import { forgetAgain, later, latest, useAgain } from '~/shared/realtime/again';
import { useLive, useMessages } from '~/shared/realtime/store';

/** How long Enter is not taken for a yes, in milliseconds: a key that is pressed twice confirms nothing. */
const readWithin = 700;

export interface Seen {
  /** What others wrote since the agent began to write, in the order in which it came. */
  since: Message[];
  /** The gateway did not take the answer because of it, and asks. */
  asked: boolean;
  /** The question was on screen long enough to be answered by a key. */
  readable: () => boolean;
  /** Of the messages that the agent knows, the one that came last. */
  newest: string | undefined;
  dismiss: () => void;
}

const isOthers = (m: Message, me: string) => m.type !== 'note' && m.status !== 'scheduled' && m.status !== 'canceled' && m.type !== 'system' && (m.direction === 'in' || m.author.id !== me);

export function useSeen(conversation: Conversation, writing: boolean): Seen {
  const { id } = conversation;
  const { items, hasNewer } = useMessages(id);
  const me = useLive((s) => s.me?.user.id ?? '');
  const again = useAgain((s) => s.of[id]);
  const [known, setKnown] = useState<Message | null>(null);
  const loaded = items.length > 0 && !hasNewer;
  const last = loaded ? latest(items, me) : undefined;
  if (!writing && known !== null) setKnown(null);
  if (writing && known === null && last) setKnown(last);
  const told = again?.messages.at(-1);
  const seen = later<Message>(known ?? last, told);
  const fresh = writing && loaded && seen ? items.filter((m) => !m.local && m.arrived > seen.arrived && isOthers(m, me)) : [];
  return {
    since: [...(again?.messages ?? []), ...fresh],
    asked: again !== undefined,
    readable: () => again === undefined || performance.now() - again.at > readWithin,
    newest: seen?.id ?? conversation.last_message?.id,
    dismiss: () => {
      setKnown(later<Message>(seen, last) ?? null);
      forgetAgain(id);
    },
  };
}
