/** How an SMS is sent, and paid: the same count as the gateway's. */
const gsm = new Set('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà');
const gsmDouble = new Set('\f^{}\\[~]|€');

interface Segments {
  parts: number;
  /** True when every letter is of the short alphabet, of which a part holds more. */
  short: boolean;
  /** Places left in the last part. */
  left: number;
}

export function segments(text: string): Segments {
  const letters = [...text];
  const short = letters.every((c) => gsm.has(c) || gsmDouble.has(c));
  const width = (c: string) => (short ? (gsmDouble.has(c) ? 2 : 1) : c.length);
  const [single, joined] = short ? [160, 153] : [70, 67];
  const total = letters.reduce((sum, c) => sum + width(c), 0);
  if (total <= single) return { parts: total ? 1 : 0, short, left: single - total };
  let parts = 0;
  let left = 0;
  for (const c of letters) {
    if (width(c) > left) {
      parts++;
      left = joined;
    }
    left -= width(c);
  }
  return { parts, short, left };
}
