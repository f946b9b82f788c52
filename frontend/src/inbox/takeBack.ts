/** Takes back what was done under a token of the gateway's, and says what it left alone. */
import i18next from 'i18next';
import { api, bodyOf } from '~/shared/api/client';
import type { components } from '~/shared/api/schema.gen';
import { loadWords } from '~/shared/i18n';
import { toastDone, toastError } from '~/shared/ui/toast';

type Undone = components['schemas']['UndoneView'];

/** Asks the gateway; undefined where it refused, which was said. */
export async function takeBack(token: string): Promise<Undone | undefined> {
  try {
    return (await Promise.all([bodyOf(api.POST('/api/v1/undo', { body: { undo_token: token } })), loadWords('more')]))[0];
  } catch (cause) {
    toastError(cause);
    return undefined;
  }
}

/** Takes back what was done to one conversation, and says what of it is not as it was. */
export async function takeBackOne(token: string): Promise<void> {
  const undone = await takeBack(token);
  if (!undone) return;
  const said = [i18next.t('more:undo.done')];
  const changed = undone.left.filter((one) => one !== 'messages').map((one) => i18next.t(`more:undo.left.${one}`));
  if (changed.length > 0) said.push(i18next.t('more:undo.changed', { fields: changed.join(', ') }));
  if (undone.left.includes('messages')) said.push(i18next.t('more:undo.messages'));
  toastDone(said.join(' '));
}
