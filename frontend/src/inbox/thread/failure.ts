import i18next from 'i18next';
import type { Problem } from '~/shared/api/types';

/** Why a message failed and what to do, in the language of the interface where we have the words, else in the gateway's. */
export function failureText(error: Problem | null): { title: string; detail: string } {
  const t = i18next.t;
  if (!error) return { title: t('thread:failure.unexplained'), detail: '' };
  const key = `thread:failure.${error.code}`;
  if (i18next.exists(key)) return { title: t(key as 'thread:failure.not_reachable'), detail: '' };
  const common = `error.code.${error.code}`;
  if (i18next.exists(common)) return { title: t(common as 'error.code.network'), detail: '' };
  return { title: error.title, detail: error.detail };
}
