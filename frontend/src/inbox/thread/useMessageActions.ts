import { useActions } from '~/shared/actions/actions';
import type { ThreadMessage } from '~/shared/realtime/store';
import type { ThreadContextValue } from './context';
import { actionsFor } from './RowActions';

const rowOf = (id: string) => document.querySelector<HTMLElement>(`article[data-message-id="${CSS.escape(id)}"]`);

/** What can be done with the message that has the focus, or else with the newest one that it can be done with. */
export function useMessageActions({ conversation, capabilities, pickReaction, reply, trace }: ThreadContextValue, items: readonly ThreadMessage[]): void {
  const can = (message: ThreadMessage) => actionsFor(message, message.conversation_id === conversation.id ? capabilities : undefined);
  const known = (message: ThreadMessage) => !message.local;
  /** Looked for when it is asked for: the focus moves more often than messages come. */
  const find = (fits: (message: ThreadMessage) => boolean) => {
    const focused = document.activeElement?.closest('article[data-message-id]')?.getAttribute('data-message-id');
    return items.find((m) => m.id === focused && fits(m)) ?? items.findLast((m) => m.direction === 'in' && fits(m)) ?? items.findLast(fits);
  };
  const doTo = (fits: (message: ThreadMessage) => boolean, run: (message: ThreadMessage) => void) =>
    items.some(fits) &&
    (() => {
      const message = find(fits);
      if (message) run(message);
    });
  useActions({
    react: doTo((m) => can(m).react, (m) => pickReaction(m, rowOf(m.id) ?? document.body)),
    quote: doTo((m) => can(m).reply, reply),
    lifeline: doTo(known, trace),
  });
}
