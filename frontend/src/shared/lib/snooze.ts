/** The times that a conversation is usually put off to, in the agent's own time zone. */

export type SnoozeChoice = 'hour' | 'evening' | 'tomorrow' | 'week';

const morning = 9;
const evening = 18;

const at = (day: Date, plusDays: number, hour: number) => new Date(day.getFullYear(), day.getMonth(), day.getDate() + plusDays, hour);

/** firstDay is the day the working week begins with: 0 is Sunday. */
export function snoozeChoices(now: Date, firstDay: number): { key: SnoozeChoice; until: Date }[] {
  const toWeek = (firstDay - now.getDay() + 7) % 7 || 7;
  const all: { key: SnoozeChoice; until: Date }[] = [
    { key: 'hour', until: new Date(now.getTime() + 3_600_000) },
    { key: 'evening', until: at(now, 0, evening) },
    { key: 'tomorrow', until: at(now, 1, morning) },
    { key: 'week', until: at(now, toWeek, morning) },
  ];
  // An evening that is over, or all but here, is no choice; nor is a new week that is tomorrow.
  return all.filter((c) => (c.key !== 'evening' || c.until.getTime() - now.getTime() > 7_200_000) && (c.key !== 'week' || toWeek > 1));
}

/** Where the working week begins, by the language's main country: Israel on Sunday, the Emirates and Europe on Monday. */
export const firstDayOf = (language: string) => (language === 'he' ? 0 : 1);

/** A moment as an <input type="datetime-local"> wants it. */
export function toLocalInput(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
