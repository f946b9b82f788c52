/** Keys by their place on the keyboard ("KeyJ", "Shift+Slash", "Mod+KeyK"; Mod is Ctrl or Cmd), so that they work on Hebrew and Arabic layouts too. */

export function chordOf(event: Pick<KeyboardEvent, 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>): string {
  return [(event.ctrlKey || event.metaKey) && 'Mod', event.altKey && 'Alt', event.shiftKey && 'Shift', event.code].filter(Boolean).join('+');
}

/** The key writes into a field. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/**
 * Marks a part of the page in which letters are commands: the list, the conversation, the main part of other pages. Where the focus was
 * lost, a letter is what somebody types.
 */
export const lettersHere = { 'data-letters': 'commands' } as const;
/** Marks a part of such a part in which they are not. */
export const noLettersHere = { 'data-letters': 'none' } as const;

/** Where the focus is, letters are commands. */
export const takesLetters = (target: EventTarget | null) =>
  target instanceof Element && target.closest<HTMLElement>('[data-letters]')?.dataset.letters === lettersHere['data-letters'];

/** A dialog or a menu is open, some of which stay in the page while they are closed, or a voice message is recorded. */
export const somethingLiesOver = () => [...document.querySelectorAll('[role="dialog"], [role="menu"], [data-recording]')].some((box) => box.checkVisibility?.() ?? true);
