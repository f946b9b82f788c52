/** The list on screen, for what goes on to its next conversation. */
import { byKeys, focusThread } from '~/shared/lib/focus';

interface Shown {
  ids: readonly string[];
  open: (id: string) => void | Promise<void>;
  close: () => void | Promise<void>;
}

const nothing: Shown = { ids: [], open: () => {}, close: () => {} };
let shown = nothing;

/** Says which conversations the list shows, in order, and how one of them is opened; returns the way to take it back. */
export function showList(list: Shown): () => void {
  shown = list;
  return () => {
    if (shown === list) shown = nothing;
  };
}

/** The conversation below, or at the end of the list the one above; undefined where the list does not show it or nothing else. */
export function nextTo(id: string): string | undefined {
  const at = shown.ids.indexOf(id);
  return at < 0 ? undefined : (shown.ids[at + 1] ?? shown.ids[at - 1]);
}

export const shownIds = () => shown.ids;

/** Leaves the open conversation for the list. */
export const leave = () => shown.close();

/** Opens a conversation in the place of the one that was done with. Who works by keys goes on by keys. */
export async function goOn(id: string): Promise<void> {
  const keys = byKeys();
  await shown.open(id);
  if (keys) requestAnimationFrame(() => requestAnimationFrame(focusThread));
}
