/** Which canned replies fit what was typed behind the slash, best first, and in which language one is sent. Pure. */
import type { CannedReply } from '~/shared/api/types';

const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
const order = ['en', 'he', 'ar'] as const;

/** The text in one of the languages, the first that there is, else in any. */
export function textIn({ text }: CannedReply, ...wanted: string[]): { language: string; text: string } {
  for (const language of [...wanted, ...order]) {
    const said = text[language as 'en'];
    if (said) return { language, text: said };
  }
  return { language: 'en', text: '' };
}

/** By shortcut first, then by what they say in any language. */
export function findCanned(all: readonly CannedReply[], query: string): CannedReply[] {
  const word = fold(query);
  const score = ({ shortcut, text, folder }: CannedReply): number => {
    const key = fold(shortcut);
    if (key.startsWith(word)) return 3;
    if (key.includes(word)) return 2;
    return order.some((language) => fold(text[language] ?? '').includes(word)) || fold(folder).includes(word) ? 1 : 0;
  };
  return all
    .map((canned) => ({ canned, score: score(canned) }))
    .filter((found) => found.score > 0)
    .sort((a, b) => b.score - a.score || a.canned.shortcut.localeCompare(b.canned.shortcut))
    .map((found) => found.canned);
}
