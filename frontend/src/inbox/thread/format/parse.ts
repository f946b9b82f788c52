/**
 * WhatsApp's markup as a tree: *bold* _italic_ ~strike~ `code` inside a line, and quotes, lists and ``` blocks by line.
 * A mark only counts where the customer's app counts it: at the edge of a word, closed in the same line, around something.
 */
import { splitBidi } from '~/shared/ui/bidi';

export type Mark = 'bold' | 'italic' | 'strike' | 'code';
export type Inline = string | { mark: Mark; children: Inline[] };
export type Block =
  | { kind: 'text' | 'quote'; lines: Inline[][] }
  | { kind: 'bullets' | 'numbers'; items: Inline[][]; start: number }
  | { kind: 'code'; text: string };

const marks: Record<string, Mark> = { '*': 'bold', _: 'italic', '~': 'strike', '`': 'code' };
const word = /[\p{L}\p{N}]/u;

/** Places inside addresses and codes, where an underscore is a letter like any other; a mark at their end closes. */
function protectedPlaces(text: string): boolean[] {
  return splitBidi(text).flatMap((part) => {
    const inside = part.ltr ? part.text.replace(/[*_~`]+$/, '').length : 0;
    return Array.from({ length: part.text.length }, (_, i) => i < inside);
  });
}

function opens(text: string, at: number): boolean {
  const next = text[at + 1];
  return !!next && !/\s/.test(next) && next !== text[at] && !word.test(text[at - 1] ?? ' ');
}

/** Where the mark that opens at a place closes; -1 when it does not. */
function closing(text: string, at: number, isProtected: boolean[]): number {
  for (let i = at + 2; i < text.length; i++) {
    if (text[i] !== text[at] || isProtected[i]) continue;
    if (!/\s/.test(text[i - 1] ?? ' ') && !word.test(text[i + 1] ?? ' ')) return i;
  }
  return -1;
}

export function parseInline(text: string): Inline[] {
  const isProtected = protectedPlaces(text);
  const parts: Inline[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const mark = marks[text[i] ?? ''];
    if (!mark || isProtected[i] || !opens(text, i)) continue;
    const end = closing(text, i, isProtected);
    if (end < 0) continue;
    if (i > from) parts.push(text.slice(from, i));
    const inner = text.slice(i + 1, end);
    parts.push({ mark, children: mark === 'code' ? [inner] : parseInline(inner) });
    from = end + 1;
    i = end;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

const quote = /^> ?(.*)$/;
const bullet = /^[*-] +(\S.*)$/;
const numbered = /^(\d{1,3})\. +(\S.*)$/;

function addLine(blocks: Block[], line: string): void {
  const last = blocks.at(-1);
  const quoted = quote.exec(line);
  const item = bullet.exec(line);
  const number = numbered.exec(line);
  if (item?.[1]) {
    if (last?.kind === 'bullets') last.items.push(parseInline(item[1]));
    else blocks.push({ kind: 'bullets', items: [parseInline(item[1])], start: 1 });
  } else if (number?.[2]) {
    if (last?.kind === 'numbers') last.items.push(parseInline(number[2]));
    else blocks.push({ kind: 'numbers', items: [parseInline(number[2])], start: Number(number[1]) });
  } else {
    const kind = quoted ? 'quote' : 'text';
    const inline = parseInline(quoted ? (quoted[1] ?? '') : line);
    if (last?.kind === kind) last.lines.push(inline);
    else blocks.push({ kind, lines: [inline] });
  }
}

export function parseFormat(text: string): Block[] {
  const blocks: Block[] = [];
  // Every second piece lay between two fences; a fence that is never closed stays text.
  text.split(/\n?```([\s\S]+?)```\n?/).forEach((piece, i) => {
    if (i % 2 === 1) blocks.push({ kind: 'code', text: piece.replace(/^\n|\n$/g, '') });
    else if (piece) for (const line of piece.split('\n')) addLine(blocks, line);
  });
  return blocks;
}

const emoji = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[\d#*]\ufe0f?\u20e3)/u;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** One to three emoji and nothing else, which are shown large. */
export function isBigEmoji(text: string): boolean {
  const trimmed = text.trim();
  if (!trimmed || trimmed.length > 60) return false;
  const parts = [...graphemes.segment(trimmed)].map((s) => s.segment).filter((s) => s.trim());
  return parts.length <= 3 && parts.every((part) => emoji.test(part));
}
