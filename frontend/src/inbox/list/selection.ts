/** Which conversations of the list are selected, to do the same to all of them. */
import { create } from 'zustand';

interface Selection {
  ids: ReadonlySet<string>;
  /** Where the next range begins. */
  from: string;
  /** The kept view of which everything is selected, also what is not on screen; empty: what ids says. */
  view: string;
}

const nothing: Selection = { ids: new Set(), from: '', view: '' };

export const useSelection = create<Selection>()(() => nothing);

/** How many the gateway takes at once. */
export const mostSelected = 500;

export function toggleSelected(id: string): void {
  useSelection.setState(({ ids }) => {
    const next = new Set(ids);
    if (!next.delete(id) && next.size < mostSelected) next.add(id);
    return { ids: next, from: id, view: '' };
  });
}

/** Selects everything of the list between the last one that was chosen and this one. */
export function selectTo(id: string, list: readonly string[]): void {
  useSelection.setState(({ ids, from }) => {
    const [a, b] = [list.indexOf(from), list.indexOf(id)];
    const range = a < 0 || b < 0 ? [id] : list.slice(Math.min(a, b), Math.max(a, b) + 1);
    return { ids: new Set([...ids, ...range].slice(0, mostSelected)), from: id, view: '' };
  });
}

export const selectAll = (list: readonly string[]) => useSelection.setState({ ids: new Set(list.slice(0, mostSelected)), view: '' });

/** Selects all of a kept view, however much it is. */
export const selectView = (view: string) => useSelection.setState({ view });

export const clearSelection = () => useSelection.setState(nothing);
