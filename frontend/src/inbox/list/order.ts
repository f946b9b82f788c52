/** The order of the list: what it should be, and what it may be while a pointer rests on it. */
import type { Conversation } from '~/shared/api/types';
import { compareBy, matches, type Filters } from './filters';

/**
 * The conversations that the filters ask for, in order, cut after the last one that the gateway has told us about: below it
 * there may be others that we do not know.
 */
export function orderOf(conversations: Record<string, Conversation>, filters: Filters, myId: string, boundary: Conversation | null): string[] {
  const compare = compareBy(filters.sort);
  return Object.values(conversations)
    .filter((c) => matches(filters, c, myId) && (!boundary || compare(c, boundary) <= 0))
    .sort(compare)
    .map((c) => c.id);
}

/**
 * What may change while somebody points at the list: nothing above the end. Rows that left stay where they are, older ones are
 * added below. `fresh` counts what waits to be shown at its place.
 */
export function holdOrder(shown: string[], wanted: string[]): { ids: string[]; fresh: number } {
  const known = new Set(shown);
  const end = wanted.findLastIndex((id) => known.has(id));
  const below = wanted.slice(end + 1).filter((id) => !known.has(id));
  const fresh = wanted.slice(0, end + 1).filter((id) => !known.has(id)).length;
  return { ids: [...shown, ...below], fresh };
}
