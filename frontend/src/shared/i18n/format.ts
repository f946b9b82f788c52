import i18next from 'i18next';
import type { Language } from '~/shared/api/types';

/** Arabic is pinned to Latin digits: Egyptian Arabic would switch to Arabic-Indic ones. */
const locales: Record<Language, string> = { en: 'en-GB', he: 'he-IL', ar: 'ar-AE-u-nu-latn' };

const locale = () => locales[(i18next.language as Language) || 'en'] ?? locales.en;

const cache = new Map<string, Intl.DateTimeFormat>();

function dateFormat(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale()} ${name}`;
  let format = cache.get(key);
  if (!format) cache.set(key, (format = new Intl.DateTimeFormat(locale(), options)));
  return format;
}

/** 11:24 */
export const formatTime = (at: string | number | Date) =>
  dateFormat('time', { hour: '2-digit', minute: '2-digit', hour12: false }).format(new Date(at));

/** Sunday, 22 November 2026 */
export const formatDay = (at: string | number | Date) =>
  dateFormat('day', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(at));

/** 22 Nov 2026, 11:24 */
export const formatDateTime = (at: string | number | Date) =>
  dateFormat('datetime', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false }).format(new Date(at));

/** Sunday, from 0 */
export const formatWeekday = (day: number) => dateFormat('weekdayName', { weekday: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(2026, 10, 22 + day)));

export const formatPercent = (share: number) => new Intl.NumberFormat(locale(), { style: 'percent' }).format(share);

export const formatNumber = (value: number) => new Intl.NumberFormat(locale()).format(value);

const dayOf = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** Days between two moments as people count them: by midnights, not by 24 hours. */
export function daysBetween(from: Date, to: Date): number {
  return Math.round((dayOf(to) - dayOf(from)) / 86_400_000);
}

/** The short time of a list row: now, 5 min, 11:24, yesterday, Tuesday, 3 Nov, 3 Nov 2025. */
export function formatShort(at: string, now: number): string {
  const date = new Date(at);
  const minutes = Math.floor((now - date.getTime()) / 60_000);
  if (minutes < 1) return i18next.t('time.now');
  // he-IL writes one minute as "לפני דקה (1)", so minutes are strings of our own.
  if (minutes < 60) return i18next.t('time.minutes', { count: minutes });
  const days = daysBetween(date, new Date(now));
  if (days === 0) return formatTime(date);
  if (days === 1) return i18next.t('time.yesterday');
  if (days < 7) return dateFormat('weekday', { weekday: 'long' }).format(date);
  if (date.getFullYear() === new Date(now).getFullYear()) return dateFormat('date', { day: 'numeric', month: 'short' }).format(date);
  return dateFormat('year', { day: 'numeric', month: 'short', year: 'numeric' }).format(date);
}

/** 11:24:07, for looking closely. */
export const formatSeconds = (at: string | number | Date) =>
  dateFormat('seconds', { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(new Date(at));

/** 12 ms, 3.4 s, 5 min, 2 h, 3 days; whole: without parts of the unit */
export function formatSpan(ms: number, whole = false): string {
  const steps = [['millisecond', 1], ['second', 1000], ['minute', 60_000], ['hour', 3_600_000], ['day', 86_400_000]] as const;
  const [unit, size] = steps.findLast(([, length]) => ms >= length) ?? steps[0];
  const value = ms / size;
  return new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: value < 10 && size > 1 && !whole ? 1 : 0 }).format(whole ? Math.floor(value) : value);
}

/** 3.4 MB, isolated: among Hebrew words a number and its Latin unit would change places. */
export function formatBytes(bytes: number): string {
  const units = ['kilobyte', 'megabyte', 'gigabyte'];
  const step = Math.min(units.length, Math.max(1, Math.floor(Math.log10(bytes) / 3)));
  const value = bytes / 1000 ** step;
  const parts = new Intl.NumberFormat(locale(), { style: 'unit', unit: units[step - 1], unitDisplay: 'short', maximumFractionDigits: step > 1 || value < 10 ? 1 : 0 }).formatToParts(value);
  // Browsers' Hebrew puts the Latin unit before the number, without a space.
  const unit = parts.find((part) => part.type === 'unit')?.value ?? '';
  const number = parts.filter((part) => part.type !== 'unit' && part.type !== 'literal').map((part) => part.value);
  return `\u2068${number.join('')} ${unit}\u2069`;
}
