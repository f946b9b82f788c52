import { useEffect } from 'react';

/** The main part of every page; the skip link leads there too. */
export const mainId = 'conversation';

/** When a step takes away what had the focus, the main part of the page gets it: Tab goes on from there and not from the start. */
export function useKeptFocus(step: unknown): void {
  useEffect(() => {
    if (document.activeElement === document.body) document.getElementById(mainId)?.focus();
  }, [step]);
}
