import { create } from 'zustand';
import { focusWork } from '~/shared/lib/focus';

type Overlay = 'palette' | 'help' | 'customer' | 'transfer' | 'closing';

/** Which of the things that lie over the app is open, where the focus was before, and what was typed into the palette. */
export const useOverlay = create<{ open: '' | Overlay; from: Element | null; text: string }>()(() => ({ open: '', from: null, text: '' }));

export function openOverlay(open: Overlay): void {
  useOverlay.setState((s) => ({ open, from: s.open ? s.from : document.activeElement, text: s.open === open ? s.text : '' }));
}

export const paletteInputId = 'palette-input';

/** Who opens the palette types at once: what comes before it has the focus goes into it, and is no shortcut. */
export function typeAhead(event: KeyboardEvent): void {
  if (useOverlay.getState().open !== 'palette' || document.activeElement?.id === paletteInputId) return;
  if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  useOverlay.setState((s) => ({ text: s.text + event.key }));
}

/** Closes it, gives the focus back to where it was, and does what was chosen there. */
export function closeOverlay(run?: () => void): void {
  const { from } = useOverlay.getState();
  useOverlay.setState({ open: '', from: null });
  requestAnimationFrame(() => {
    const lost = !document.activeElement || document.activeElement === document.body;
    if (lost && from instanceof HTMLElement && from !== document.body && from.isConnected) from.focus();
    else if (lost) focusWork();
    run?.();
  });
}
