/** What an agent does to a conversation from the header, the palette and the keyboard; each says what it did and can be taken back. */
import i18next from 'i18next';
import type { Conversation, Priority, ConversationType } from '~/shared/api/types';
import { formatDateTime } from '~/shared/i18n/format';
import { changeConversation } from '~/shared/realtime/actions';
import { toastDone, toastError } from '~/shared/ui/toast';

type Change = Parameters<typeof changeConversation>[2];

/** Makes a change; a refusal is said, with Retry. */
async function change(id: string, what: Change, path: '' | '/assign' = ''): Promise<boolean> {
  try {
    await changeConversation(id, path, what);
    return true;
  } catch (cause) {
    toastError(cause, () => void change(id, what, path));
    return false;
  }
}

async function setStatus(c: Conversation, what: Change, message: string): Promise<void> {
  const before = { status: c.status, snoozed_until: c.snoozed_until };
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
  if (await change(c.id, { agent_id: agent?.id ?? null }, '/assign')) {
    toastDone(message, () => void change(c.id, { agent_id: c.assignee_id }, '/assign'));
  }
}

export const setPriority = (id: string, priority: Priority) => change(id, { priority });
export const setType = (id: string, type: ConversationType) => change(id, { type });
export const setLabels = (id: string, labels: string[]) => change(id, { labels });
