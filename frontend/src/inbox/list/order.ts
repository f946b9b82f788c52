/** What the list may change while a pointer rests on it. */

/**
 * Nothing above the end. Rows that left stay where they are, older ones are
 * added below. `fresh` counts what waits to be shown at its place.
 */
export function holdOrder(shown: string[], wanted: string[]): { ids: string[]; fresh: number } {
  const known = new Set(shown);
  const end = wanted.findLastIndex((id) => known.has(id));
  const below = wanted.slice(end + 1).filter((id) => !known.has(id));
  const fresh = wanted.slice(0, end + 1).filter((id) => !known.has(id)).length;
  return { ids: [...shown, ...below], fresh };
}
