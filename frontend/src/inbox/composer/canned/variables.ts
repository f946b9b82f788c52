/** Places in a text that are filled with what is known of a conversation: {{contact.first_name}}. Pure. */
const variable = /\{\{\s*((?:agent|channel|contact|conversation)\.[^{}]+?)\s*\}\}/g;

/** The names of the places that nothing fills yet, each once. */
export const unfilled = (text: string): string[] => (text.includes('{{') ? [...new Set([...text.matchAll(variable)].map(([, name = '']) => name))] : []);

/** Puts in what is known; what is not stays as it is written. */
export const fill = (text: string, values: Record<string, string>) => text.replace(variable, (place, name: string) => values[name] ?? place);

/** Where the first place with the name stands. */
export function placeOf(text: string, name: string): { start: number; end: number } | null {
  for (const found of text.matchAll(variable)) if (found[1] === name) return { start: found.index, end: found.index + found[0].length };
  return null;
}

/** The word behind a slash that begins a word and ends at the caret. */
export function slashAt(text: string, caret: number): { start: number; query: string } | null {
  const found = /(?:^|\s)\/([^\s/]*)$/.exec(text.slice(0, caret));
  return found ? { start: caret - (found[1] ?? '').length - 1, query: found[1] ?? '' } : null;
}
