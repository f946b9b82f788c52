import { useEffect } from 'react';

/** The main part of every page; the skip link leads there too. */
export const mainId = 'conversation';

/** Who works with the keyboard just now; for the others a ring around the page would only be in the way. */
let keys = false;
window.addEventListener('keydown', () => (keys = true), true);
window.addEventListener('pointerdown', () => (keys = false), true);

/** The list of conversations and the thread of the open one: where work goes on after something was done. */
export const listId = 'conversations';
export const threadId = 'thread';

/** Gives the focus to the thread, without one to the list, without one to the main part of the page. */
export function focusWork(): void {
  const shown = [threadId, listId, mainId].map((id) => document.getElementById(id)).find((part) => part?.checkVisibility());
  shown?.focus({ preventScroll: true });
}

/** Likewise where what had the focus went away with what was done. */
export function focusWorkIfLost(): void {
  requestAnimationFrame(() => {
    if (!document.activeElement || document.activeElement === document.body) focusWork();
  });
}

/** Whether the last thing that was done was done with a key. */
export const byKeys = () => keys;

export const focusThread = () => document.getElementById(threadId)?.focus();

/** When a step takes away what had the focus, the main part of the page gets it: Tab goes on from there and not from the start. */
export function useKeptFocus(step: unknown): void {
  useEffect(() => {
    if (keys && document.activeElement === document.body) document.getElementById(mainId)?.focus();
  }, [step]);
}
