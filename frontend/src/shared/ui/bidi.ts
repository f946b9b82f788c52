/** Splits text into plain parts and parts that read left to right whatever surrounds them. */

export type Part = { text: string; ltr?: true; href?: string };

// The order matters: an address may hold what looks like a code, a code what looks like a phone.
const url = String.raw`https?:\/\/[^\s<>"'\u200e\u200f\u202a-\u202e\u2066-\u2069]+|www\.[^\s<>"'\u200e\u200f]+`;
const email = String.raw`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`;
// A number that somebody can be reached at: a plus or a leading zero, then groups of digits.
const phone = String.raw`(?<![\w.])(?:\+\d{1,4}|\(?0\d{1,3}\)?)(?:[ \u00a0.-]?\(?\d{2,5}\)?){2,5}(?![\w])`;
// The whole code: groups of Latin letters and digits joined by - / _ . # : that hold at least one of each, or one letter group
// and a joint. "249.90" alone is an amount, not a code; "#48213" is one.
const code = String.raw`#\d+(?![\w])|(?<![\w])(?=[A-Za-z0-9/_#.-]*\d)(?=[0-9/_#.-]*[A-Za-z])[A-Za-z0-9]+(?:[-/_#.][A-Za-z0-9]+)*(?![\w])`;
const clock = String.raw`(?<![\w:])\d{1,2}:\d{2}(?::\d{2})?\s?[–-]\s?\d{1,2}:\d{2}(?::\d{2})?(?![\w:])`;

const token = new RegExp(`(${url})|(${email})|(${clock})|(${phone})|(${code})`, 'g');
const trailing = /[.,;:!?)\]}'"\u061f\u060c\u061b]+$/u;

/** A closing mark at the end of a link belongs to the sentence, unless its opening mark is in the link. */
function cutTrailing(link: string): string {
  const tail = trailing.exec(link)?.[0] ?? '';
  if (!tail) return link;
  if (tail.startsWith(')') && link.includes('(')) return link.slice(0, link.length - tail.length + 1);
  return link.slice(0, link.length - tail.length);
}

function hrefOf(text: string, kind: number): string | undefined {
  if (kind === 1) return text.startsWith('www.') ? `https://${text}` : text;
  if (kind === 2) return `mailto:${text}`;
  if (kind === 4) return `tel:${text.replace(/[^\d+]/g, '')}`;
  return undefined;
}

export function splitBidi(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(token)) {
    const kind = match.findIndex((group, i) => i > 0 && group !== undefined);
    const found = kind === 1 ? cutTrailing(match[0]) : match[0];
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    const href = hrefOf(found, kind);
    parts.push(href ? { text: found, ltr: true, href } : { text: found, ltr: true });
    from = match.index + found.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/** U+2068 … U+2069 keep a name of another script from turning the words around it, where no element can. */
export const isolate = (text: string) => `\u2068${text}\u2069`;
