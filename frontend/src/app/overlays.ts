import { create } from 'zustand';

type Overlay = 'palette' | 'help' | 'customer';

/** Which of the things that lie over the app is open. */
export const useOverlay = create<{ open: '' | Overlay; from: Element | null }>()(() => ({ open: '', from: null }));

export function openOverlay(open: Overlay): void {
  useOverlay.setState((s) => ({ open, from: s.open ? s.from : document.activeElement }));
}

/** Closes it and gives the focus back to where it was, unless what was done moved it on. */
export function closeOverlay(): void {
  const { from } = useOverlay.getState();
  useOverlay.setState({ open: '', from: null });
  requestAnimationFrame(() => {
    if (from instanceof HTMLElement && (!document.activeElement || document.activeElement === document.body)) from.focus();
  });
}
