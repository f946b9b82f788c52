/** The one place where the agent writes; the thread sends the caret there. */
export const composerInputId = 'composer-input';

export function focusComposer(): void {
  document.getElementById(composerInputId)?.focus();
}
