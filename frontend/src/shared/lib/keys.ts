import { useEffect, useRef } from 'react';

/**
 * Shortcuts by physical key ("KeyJ", "Slash", "Shift+Slash", "Mod+KeyK"; Mod is Ctrl or Cmd), so that they work on Hebrew and
 * Arabic layouts too. Plain keys are off while somebody types, records or a dialog is open; those with Mod or Alt are not. A letter
 * alone is a command only in a part of the page that takes letters (lettersHere): where the focus was lost, it is what somebody types.
 */
export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

export function chordOf(event: Pick<KeyboardEvent, 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>): string {
  return [(event.ctrlKey || event.metaKey) && 'Mod', event.altKey && 'Alt', event.shiftKey && 'Shift', event.code].filter(Boolean).join('+');
}

/** The key writes into a field. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Marks a part of the page in which letters are commands: the list, the conversation, the main part of other pages. */
export const lettersHere = { 'data-letters': 'commands' } as const;
/** Marks a part of such a part in which they are not. */
export const noLettersHere = { 'data-letters': 'none' } as const;

/** Where the focus is, letters are commands. */
const takesLetters = (target: EventTarget | null) =>
  target instanceof Element && target.closest<HTMLElement>('[data-letters]')?.dataset.letters === lettersHere['data-letters'];

/** A dialog or a menu is open, some of which stay in the page while they are closed, or a voice message is recorded. */
const somethingLiesOver = () => [...document.querySelectorAll('[role="dialog"], [role="menu"], [data-recording]')].some((box) => box.checkVisibility?.() ?? true);

export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const chord = chordOf(event);
      const action = latest.current[chord];
      if (!action) return;
      if (!/^(Mod|Alt)\+/.test(chord) && (isTyping(event.target) || somethingLiesOver())) return;
      if (/^(Shift\+)?Key/.test(chord) && !takesLetters(event.target)) return;
      event.preventDefault();
      action(event);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
