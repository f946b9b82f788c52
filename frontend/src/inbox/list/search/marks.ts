import type { Highlight } from '~/shared/api/types';

/** A text in pieces, of which every second one is marked. Places are counted in code points, not in JavaScript's units. */
export function pieces({ text, marks }: Pick<Highlight, 'text' | 'marks'>): string[] {
  const characters = Array.from(text);
  const out: string[] = [];
  let at = 0;
  for (const { start, end } of marks) {
    out.push(characters.slice(at, start).join(''), characters.slice(start, end).join(''));
    at = end;
  }
  return [...out, characters.slice(at).join('')];
}
