import i18next from 'i18next';
import type { Problem } from '~/shared/api/types';

/** What is wrong with a channel and what mends it, in the language of the interface where we have the words, else in the gateway's. */
export function problemText({ code, title, detail }: Problem): { title: string; detail: string } {
  const key = `problem.${code}`;
  if (!i18next.exists(`${key}.title`)) return { title, detail };
  const words = i18next.exists(`${key}.detail`) ? i18next.t(`${key}.detail` as 'problem.silent.detail') : detail;
  return { title: i18next.t(`${key}.title` as 'problem.silent.title'), detail: words };
}
