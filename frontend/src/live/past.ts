/** Moments of the past that the board can show, by minutes of this device's days. Pure. */
export const steps = { minute: 60_000, most: 90 * 86_400_000 };
export const minutesInDay = 24 * 60;

/** The beginning of the day on this device. */
export function dayOf(at: number): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

export const minuteOf = (at: number) => Math.min(minutesInDay - 1, Math.floor((at - dayOf(at)) / steps.minute));

/** 2026-11-30, as a date field has it. */
export function isoDay(at: number): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** A minute of a day that a date field named. */
export function moment(day: string, minute: number): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date).getTime() + minute * steps.minute;
}

/** The whole minute at or before the moment, within what can be asked for; null: it is not past. */
export function clamp(at: number, now: number): number | null {
  const minute = Math.floor(at / steps.minute) * steps.minute;
  if (minute > now - steps.minute) return null;
  return Math.max(minute, Math.ceil((now - steps.most) / steps.minute) * steps.minute + steps.minute);
}
