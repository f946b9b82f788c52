import { useEffect, useRef, type ClipboardEvent, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { actionsAt } from '~/shared/actions/keymap';
import type { ActionId } from '~/shared/actions/registry';
import { chordOf } from '~/shared/lib/keys';
import css from './Composer.module.css';
import { composerInputId, focusComposer } from './focus';
import { onGlass } from './keys';
import { applyEdit, toggleMark, type FormatMark } from './format';

const marks: Partial<Record<ActionId, FormatMark>> = { bold: '*', italic: '_', strike: '~', mono: '```' };

/** Marks what is selected in the composer. */
export function formatSelection(mark: FormatMark): void {
  const input = document.getElementById(composerInputId);
  if (!(input instanceof HTMLTextAreaElement)) return;
  applyEdit(input, toggleMark({ text: input.value, start: input.selectionStart, end: input.selectionEnd }, mark));
}

/** Puts text where the caret is. */
export function insertText(text: string): void {
  const input = document.getElementById(composerInputId);
  if (!(input instanceof HTMLTextAreaElement)) return;
  const { value, selectionStart: start, selectionEnd: end } = input;
  applyEdit(input, { text: value.slice(0, start) + text + value.slice(end), start: start + text.length, end: start + text.length });
}

/** Opens the list of canned replies, which stands behind a slash. */
export function beginCanned(): void {
  focusComposer();
  const input = document.getElementById(composerInputId);
  const before = input instanceof HTMLTextAreaElement ? input.value.slice(0, input.selectionStart) : '';
  insertText(/\S$/.test(before) ? ' /' : '/');
}

interface Props {
  value: string;
  label: string;
  disabled: boolean;
  /** Else it is a new line, and Ctrl or Cmd with it sends. */
  enterSends: boolean;
  onChange: (text: string) => void;
  /** resolve: the conversation is resolved with it. */
  onSend: (resolve: boolean) => void;
  /** Takes back what was sent, where the field is empty; undefined: there is nothing. */
  onUndo: (() => void) | undefined;
  onEscape: () => void;
  onFiles: (files: File[]) => void;
}

export function TextInput({ value, label, disabled, enterSends, onChange, onSend, onUndo, onEscape, onFiles }: Props) {
  const { i18n } = useTranslation();
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (!onGlass()) input.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    const el = input.current;
    if (!el || CSS.supports('field-sizing', 'content')) return;
    el.style.blockSize = 'auto';
    el.style.blockSize = `${el.scrollHeight + 2}px`;
  }, [value]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const meant = actionsAt(chordOf(event.nativeEvent));
    const mark = meant.map((id) => marks[id]).find(Boolean);
    if (mark) {
      event.preventDefault();
      formatSelection(mark);
    } else if (meant.includes('sendResolve')) {
      event.preventDefault();
      if (!event.repeat) onSend(true);
    } else if (event.key === 'Enter' && !event.altKey && (event.ctrlKey || event.metaKey || (enterSends && !event.shiftKey && !onGlass()))) {
      event.preventDefault();
      if (!event.repeat) onSend(false);
    } else if (onUndo && meant.includes('undo')) {
      event.preventDefault();
      onUndo();
    } else if (event.key === 'Escape') {
      onEscape();
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  };
  return (
    <textarea
      ref={input}
      id={composerInputId}
      className={css.input}
      // An empty field takes the direction of the interface, or its placeholder would run the wrong way.
      dir={value ? 'auto' : i18n.dir()}
      rows={2}
      aria-label={label}
      placeholder={label}
      value={value}
      readOnly={disabled}
      aria-disabled={disabled || undefined}
      data-testid="composer-input"
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKeyDown}
      onPaste={onPaste}
    />
  );
}
