/** What an agent does to a conversation from the header, the palette and the keyboard; each says what it did and can be taken back. */
import i18next from 'i18next';
import type { Conversation, Priority, ConversationType } from '~/shared/api/types';
import { formatDateTime } from '~/shared/i18n/format';
import { assignConversation, changeConversation, type ConversationChange } from '~/shared/realtime/actions';
import { toastDone, toastError } from '~/shared/ui/toast';

/** Makes a change; a refusal is said, with Retry. */
async function attempt(make: () => Promise<void>): Promise<boolean> {
  try {
    await make();
    return true;
  } catch (cause) {
    toastError(cause, () => void attempt(make));
    return false;
  }
}

const change = (id: string, what: ConversationChange) => attempt(() => changeConversation(id, what));

async function setStatus(c: Conversation, what: ConversationChange, message: string): Promise<void> {
  const before = { status: c.status, snoozed_until: c.snoozed_until ?? undefined };
  if (await change(c.id, what)) toastDone(message, () => void change(c.id, before));
}

export const resolve = (c: Conversation) => setStatus(c, { status: 'resolved' }, i18next.t('inbox:done.resolved'));
export const reopen = (c: Conversation) => setStatus(c, { status: 'open' }, i18next.t('inbox:done.reopened'));
export const setPending = (c: Conversation) => setStatus(c, { status: 'pending' }, i18next.t('inbox:done.pending'));
export const toggleResolved = (c: Conversation) => (c.status === 'resolved' ? reopen(c) : resolve(c));

export const snooze = (c: Conversation, until: Date) =>
  setStatus(c, { status: 'snoozed', snoozed_until: until.toISOString() }, i18next.t('inbox:done.snoozed', { time: formatDateTime(until) }));

export async function assign(c: Conversation, agent: { id: string; name: string } | null): Promise<void> {
  const message = agent ? i18next.t('inbox:done.assigned', { name: agent.name }) : i18next.t('inbox:done.unassigned');
  const to = (id: string | null) => attempt(() => assignConversation(c.id, id));
  if (await to(agent?.id ?? null)) toastDone(message, () => void to(c.assignee_id));
}

export const setPriority = (id: string, priority: Priority) => change(id, { priority });
export const setType = (id: string, type: ConversationType) => change(id, { type });
export const setLabels = (id: string, labels: string[]) => change(id, { labels });
