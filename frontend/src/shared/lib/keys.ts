import { useEffect, useRef } from 'react';

/**
 * Shortcuts by physical key ("KeyJ", "Slash", "Shift+Slash", "Mod+KeyK"; Mod is Ctrl or Cmd), so that they work on Hebrew and
 * Arabic layouts too. Plain keys are off while somebody types or a dialog is open; those with Mod or Alt are not.
 */
export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

export function chordOf(event: Pick<KeyboardEvent, 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>): string {
  return [(event.ctrlKey || event.metaKey) && 'Mod', event.altKey && 'Alt', event.shiftKey && 'Shift', event.code].filter(Boolean).join('+');
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** A dialog or a menu is open; some stay in the page while they are closed. */
const somethingLiesOver = () => [...document.querySelectorAll('[role="dialog"], [role="menu"]')].some((box) => box.checkVisibility?.() ?? true);

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
      event.preventDefault();
      action(event);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
