import { onGlass } from './keys';

/** The one place where the agent writes; the thread sends the caret there, and gets the focus when it is left. */
export const composerInputId = 'composer-input';

export function focusComposer(): void {
  document.getElementById(composerInputId)?.focus();
}

/** What was opened from a message gives the focus back to it: the button that opened it is gone by then. */
export function focusMessage(id: string): void {
  document.querySelector<HTMLElement>(`article[data-message-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
}

/** After something was sent the caret is where the next answer is written. */
export function goOnWriting(): void {
  if (!onGlass()) focusComposer();
}
