/** What is new to this agent: the line in the thread, the count on the pill, and the read mark once it was really seen. */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { Conversation } from '~/shared/api/types';
import { markRead } from '~/shared/realtime/actions';
import type { Thread } from '~/shared/realtime/store';
import { firstUnread } from './rows';

function subscribe(changed: () => void): () => void {
  const events = ['focus', 'blur'] as const;
  for (const event of events) window.addEventListener(event, changed);
  document.addEventListener('visibilitychange', changed);
  return () => {
    for (const event of events) window.removeEventListener(event, changed);
    document.removeEventListener('visibilitychange', changed);
  };
}

/** True while the agent can be looking at this window. */
export const useFocused = () => useSyncExternalStore(subscribe, () => document.hasFocus() && document.visibilityState === 'visible');

export interface NewMessages {
  /** The message above which the line stands. */
  newFrom: string | null;
  /** How many came while the end was not seen. */
  unseen: number;
}

export function useNewMessages(conversation: Conversation, thread: Thread, atEnd: boolean): NewMessages {
  const { items, hasNewer } = thread;
  const seen = useFocused() && atEnd && !hasNewer && items.length > 0;
  const [state, setState] = useState<NewMessages>({ newFrom: null, unseen: 0 });
  const last = useRef<string | null>(null);

  useEffect(() => {
    const newest = items.at(-1);
    if (!newest) return;
    if (last.current === null) {
      setState({ newFrom: firstUnread(items, conversation.unread_count), unseen: 0 });
    } else if (newest.id !== last.current && !hasNewer) {
      const from = items.findLastIndex((m) => m.id === last.current);
      const arrived = from < 0 ? [] : items.slice(from + 1).filter((m) => m.direction === 'in');
      const own = newest.local?.state === 'waiting';
      setState((s) => {
        if (own) return { newFrom: null, unseen: 0 };
        if (arrived.length === 0 || seen) return s;
        return { newFrom: s.unseen > 0 && s.newFrom ? s.newFrom : (arrived[0]?.id ?? null), unseen: s.unseen + arrived.length };
      });
    }
    last.current = newest.id;
  }, [items]); // eslint-disable-line react-hooks/exhaustive-deps -- counts arrivals; the rest is what held when they came

  useEffect(() => {
    if (!seen) return;
    setState((s) => (s.unseen > 0 ? { ...s, unseen: 0 } : s));
    if (conversation.unread_count > 0) void markRead(conversation.id);
  }, [seen, conversation.id, conversation.unread_count]);

  return state;
}
