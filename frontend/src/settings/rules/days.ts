/** Days as date fields hold them: 2026-11-30, by the wall clock of whoever looks. Pure but for `today`. */

const pad = (n: number) => String(n).padStart(2, '0');
const written = (at: Date) => `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;

/** The midnight that begins a day, or one some days later. */
function midnight(day: string, later = 0): Date {
  const [year, month, date] = day.split('-').map(Number);
  return new Date(year ?? 0, (month ?? 1) - 1, (date ?? 1) + later);
}

export const today = () => written(new Date());
export const dayBefore = (day: string, count: number) => written(midnight(day, -count));

/** From the beginning of one day to the end of another, or to now where that is earlier. */
export function rangeOf(from: string, to: string, now: Date): { from: string; to: string } {
  const end = midnight(to, 1);
  return { from: midnight(from).toISOString(), to: (end < now ? end : now).toISOString() };
}
