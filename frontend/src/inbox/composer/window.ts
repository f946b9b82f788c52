/** The time in which free answers are allowed, as the composer shows it. The gateway decides; this says it beforehand. */
import type { Capabilities, Conversation } from '~/shared/api/types';

export type ReplyWindow =
  | { state: 'none' } // the channel has no such limit
  | { state: 'open'; left: number; soon: boolean }
  | { state: 'human'; until: string } // over for programs, not for people
  | { state: 'closed'; since: string | null }; // null: the customer has not written yet

/** Less than this is shown as a warning. */
const soonWithin = 2 * 3_600_000;

export function replyWindow(window: Conversation['window'], capabilities: Capabilities | undefined, now: number): ReplyWindow {
  if (!capabilities || capabilities.window_seconds === 0) return { state: 'none' };
  if (!window.closes_at) return window.open ? { state: 'none' } : { state: 'closed', since: null };
  const left = Date.parse(window.closes_at) - now;
  if (left > 0) return { state: 'open', left, soon: left < soonWithin };
  const until = window.human_closes_at;
  return until && Date.parse(until) > now ? { state: 'human', until } : { state: 'closed', since: window.closes_at };
}

/** Whole hours and minutes; the last minute counts as one, because zero would look closed. */
export function hoursAndMinutes(left: number): { hours: number; minutes: number } {
  const minutes = Math.max(1, Math.floor(left / 60_000));
  return { hours: Math.floor(minutes / 60), minutes: minutes % 60 };
}
