/** Merges conversations and splits them, each with its way back. */
import i18next from 'i18next';
import { api, bodyOf } from '~/shared/api/client';
import type { Conversation } from '~/shared/api/types';
import { loadWords } from '~/shared/i18n';
import { keepConversations } from '~/shared/realtime/actions';
import type { ThreadMessage } from '~/shared/realtime/store';
import { toastDone, toastError } from '~/shared/ui/toast';
import { goOn } from '../list/place';
import { takeBackOne } from '../takeBack';

/** Undone, the conversation that it was done to is open again. */
const undo = (token: string, id: string) => async () => {
  await takeBackOne(token);
  await goOn(id);
};

/** Has everything of a conversation stand in another one, and opens that. */
export async function merge(conversation: Conversation, into: Conversation): Promise<boolean> {
  try {
    const { undo_token: token, ...merged } = await bodyOf(api.POST('/api/v1/conversations/{id}/merge', { params: { path: { id: conversation.id } }, body: { into: into.id } }));
    keepConversations([merged]);
    toastDone(i18next.t('move:merge.done'), () => void undo(token, conversation.id)());
    await goOn(merged.id);
    return true;
  } catch (cause) {
    toastError(cause);
    return false;
  }
}

/** Makes a conversation of its own of a message and what stands below it, and opens that. */
export async function split(message: ThreadMessage): Promise<void> {
  try {
    const asked = api.POST('/api/v1/conversations/{id}/split', { params: { path: { id: message.conversation_id } }, body: { from_message_id: message.id } });
    const [{ undo_token: token, ...made }] = await Promise.all([bodyOf(asked), loadWords('move')]);
    keepConversations([made]);
    toastDone(i18next.t('move:split.done'), () => void undo(token, message.conversation_id)());
    await goOn(made.id);
  } catch (cause) {
    toastError(cause);
  }
}
