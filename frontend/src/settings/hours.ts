/** The week of business hours as a form holds it. Pure. */
export type Span = [string, string];
export type Week = Span[][];

/** The week of the gateway, which may leave out days. */
export const weekOf = (week: ((string[] | null)[] | null)[]): Week => Array.from({ length: 7 }, (_, day) => (week[day] ?? []).map((span): Span => [span?.[0] ?? '', span?.[1] ?? '']));

/** From Sunday to Thursday or from Monday to Friday, as this device's people work, from nine to five. */
export const usualWeek = (weekend: number[]): Week => Array.from({ length: 7 }, (_, day): Span[] => (weekend.includes(day) ? [] : [['09:00', '17:00']]));

/** The next span of a day: an hour after its last, as far as the day goes. */
export function nextSpan(day: Span[]): Span {
  const end = Number(day.at(-1)?.[1].slice(0, 2) ?? 8);
  const hour = (n: number) => (n >= 24 ? '23:59' : `${String(n).padStart(2, '0')}:00`);
  return [hour(Math.min(22, end + 1)), hour(Math.min(24, end + 4))];
}

/** The zone of this device. */
export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
