/** Macros on the conversation that is open: run from the palette or by their key. */
import i18next from 'i18next';
import { useOtherKeys, type OtherKeys } from '~/shared/actions/actions';
import { api, bodyOf } from '~/shared/api/client';
import type { Conversation, Macro } from '~/shared/api/types';
import { loadWords } from '~/shared/i18n';
import { useMacros } from '~/shared/desk/queries';
import { randomId } from '~/shared/lib/ids';
import { keepConversations } from '~/shared/realtime/actions';
import { toastDone, toastError } from '~/shared/ui/toast';

/** Runs it: all of it or nothing. A second try of the same run says nothing twice. */
export async function runMacro(conversationId: string, macro: Macro, key = randomId()): Promise<void> {
  try {
    const params = { path: { id: conversationId, macro_id: macro.id }, header: { 'Idempotency-Key': key } };
    const [changed] = await Promise.all([bodyOf(api.POST('/api/v1/conversations/{id}/macros/{macro_id}', { params })), loadWords('desk')]);
    const { undo_token: token, ...conversation } = changed;
    keepConversations([conversation]);
    toastDone(i18next.t('desk:macro.done', { name: macro.name }), () => void import('./takeBack').then(({ takeBackOne }) => takeBackOne(token)));
  } catch (cause) {
    toastError(cause, () => void runMacro(conversationId, macro, key));
  }
}

/** The keys of macros, for as long as a conversation is open. One's own macro has the key before one that others use too. */
export function useMacroKeys(conversation: Conversation | undefined): void {
  const { data = [] } = useMacros();
  const keys: OtherKeys = {};
  for (const macro of data) {
    if (macro.hotkey && (macro.scope === 'me' || !keys[macro.hotkey])) keys[macro.hotkey] = () => conversation && void runMacro(conversation.id, macro);
  }
  useOtherKeys(keys);
}
