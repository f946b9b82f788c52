/** What was done to a conversation without a line, brought to the gateway. */
import i18next from 'i18next';
import { api, bodyOf } from '~/shared/api/client';
import { loadWords } from '~/shared/i18n';
import { toastDone } from '~/shared/ui/toast';
import { conversations } from './conversations';
import type { ChangeEntry } from './outboxStore';

/** Whoever does this believes that nothing is left to answer. */
export const finishes = ({ change }: ChangeEntry): boolean => change?.status === 'resolved' || change?.status === 'snoozed';

const load = (id: string) => bodyOf(api.GET('/api/v1/conversations/{id}', { params: { path: { id } } }));

/** Makes a change. What would hide a message of the customer that came meanwhile is not done, and said. */
export async function postChange(entry: ChangeEntry): Promise<void> {
  const { conversationId: id, change, assignment, seen } = entry;
  const path = { id };
  if (finishes(entry)) {
    const now = await load(id);
    if (now.last_message?.direction === 'in' && now.last_message.id !== seen) return left(entry);
  }
  if (change) conversations.put(await bodyOf(api.PATCH('/api/v1/conversations/{id}', { params: { path }, body: change })));
  if (assignment) conversations.put(await bodyOf(api.POST('/api/v1/conversations/{id}/assign', { params: { path }, body: assignment })));
}

/** Shows how a conversation is at the gateway, where our change of it was not made, and says so if they wrote meanwhile. */
export async function left({ conversationId: id }: ChangeEntry, again = true): Promise<void> {
  const now = await load(id);
  conversations.set(now);
  if (!again) return;
  await loadWords('offline');
  toastDone(i18next.t('offline:writtenAgain', { name: now.contact.name }));
}
