/** The one place where the agent writes; the thread sends the caret there, and gets the focus when it is left. */
export const composerInputId = 'composer-input';
export const threadId = 'thread';

export function focusComposer(): void {
  document.getElementById(composerInputId)?.focus();
}

export function focusThread(): void {
  document.getElementById(threadId)?.focus();
}
