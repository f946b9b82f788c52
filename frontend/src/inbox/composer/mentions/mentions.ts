/** Colleagues whom a note names: "@" and their name. Pure. */

interface Named {
  id: string;
  name: string;
}

/** The word behind an @ that begins a word and ends at the caret; a name may have several words. */
export function atSign(text: string, caret: number): { start: number; query: string } | null {
  const found = /(?:^|\s)@([^\n@]{0,40})$/.exec(text.slice(0, caret));
  return found ? { start: caret - (found[1] ?? '').length - 1, query: found[1] ?? '' } : null;
}

/** Those whose name, or one of its words, begins with what was typed. */
export function findNamed<T extends Named>(all: T[], query: string): T[] {
  const typed = query.toLocaleLowerCase();
  return all.filter(({ name }) => [name, ...name.split(/\s+/).slice(1)].some((part) => part.toLocaleLowerCase().startsWith(typed)));
}

/** Whom the text names, longest names first, so that "@Dana Cohen" is not also "@Dana". */
export function mentioned(text: string, all: Named[]): string[] {
  const ids: string[] = [];
  let left = text;
  for (const { id, name } of all.toSorted((a, b) => b.name.length - a.name.length)) {
    if (!name || !left.includes(`@${name}`)) continue;
    ids.push(id);
    left = left.replaceAll(`@${name}`, '');
  }
  return ids;
}
