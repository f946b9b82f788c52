/** Marks around what is selected, as the customer's app reads them. */
export type FormatMark = '*' | '_' | '~' | '```';

export interface Edit {
  text: string;
  start: number;
  end: number;
}

/** Puts the marks on, or takes them off where they are already there. Spaces at the edges stay outside: a mark beside a space is text. */
export function toggleMark({ text, start, end }: Edit, mark: FormatMark): Edit {
  const n = mark.length;
  if (start >= n && text.slice(start - n, start) === mark && text.slice(end, end + n) === mark) {
    return { text: text.slice(0, start - n) + text.slice(start, end) + text.slice(end + n), start: start - n, end: end - n };
  }
  const selected = text.slice(start, end);
  const from = start + (selected.length - selected.trimStart().length);
  const to = Math.max(from, end - (selected.length - selected.trimEnd().length));
  return { text: text.slice(0, from) + mark + text.slice(from, to) + mark + text.slice(to), start: from + n, end: to + n };
}

/** Replaces the content of a text field so that the browser's undo still works, which setting the value would break. */
export function applyEdit(input: HTMLTextAreaElement, next: Edit): void {
  const { value } = input;
  let from = 0;
  while (from < value.length && from < next.text.length && value[from] === next.text[from]) from++;
  let tail = 0;
  while (tail < value.length - from && tail < next.text.length - from && value.at(-1 - tail) === next.text.at(-1 - tail)) tail++;
  input.focus();
  input.setSelectionRange(from, value.length - tail);
  const insert = next.text.slice(from, next.text.length - tail);
  // Deprecated and without a successor: the only way that keeps undo.
  const done = document.execCommand?.(insert ? 'insertText' : 'delete', false, insert);
  if (!done) {
    input.setRangeText(insert);
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }
  input.setSelectionRange(next.start, next.end);
}
