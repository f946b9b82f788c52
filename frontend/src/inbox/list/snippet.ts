/** The part of a long text around the first word that was looked for, so that the hit is seen in one line. */
export function around(text: string, q: string, before = 30): string {
  const flat = text.replace(/\s+/g, ' ');
  const lower = flat.toLowerCase();
  const at = Math.min(...q.toLowerCase().trim().split(/\s+/).map((word) => lower.indexOf(word)).filter((i) => i >= 0), flat.length);
  if (at <= before || at === flat.length) return flat.slice(0, 300);
  const start = flat.lastIndexOf(' ', at - before) + 1 || at - before;
  return `…${flat.slice(start, start + 300)}`;
}
