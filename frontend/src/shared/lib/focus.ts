import { useEffect } from 'react';

/** The main part of every page; the skip link leads there too. */
export const mainId = 'conversation';

/** Who works with the keyboard just now; for the others a ring around the page would only be in the way. */
let keys = false;
window.addEventListener('keydown', () => (keys = true), true);
window.addEventListener('pointerdown', () => (keys = false), true);

/** When a step takes away what had the focus, the main part of the page gets it: Tab goes on from there and not from the start. */
export function useKeptFocus(step: unknown): void {
  useEffect(() => {
    if (keys && document.activeElement === document.body) document.getElementById(mainId)?.focus();
  }, [step]);
}
