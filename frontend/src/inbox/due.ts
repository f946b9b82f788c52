/** How a conversation stands with what is promised about it, and what of that is shown. Pure. */
import type { Conversation } from '~/shared/api/types';

type Level = Conversation['sla'][number];

export interface Due {
  metric: Level['metric'];
  state: 'in_time' | 'warning' | 'breached' | 'paused';
  at: string;
}

/** Since when a level is late, is to be looked at, or is neither. */
function stateOf(level: Level, now: number): Due['state'] {
  if (level.breached_at || (!level.paused && Date.parse(level.due_at) <= now)) return 'breached';
  if (level.paused) return 'paused';
  return Date.parse(level.warn_at) <= now ? 'warning' : 'in_time';
}

const worst = ['breached', 'warning', 'in_time', 'paused'] as const;

/** What is shown of a conversation: the worst of what has not ended, and of equals what is due first. */
export function dueOf({ sla, status }: Pick<Conversation, 'sla' | 'status'>, now: number): Due | null {
  if (status === 'resolved') return null;
  const open = sla.filter((level) => !level.met_at).map((level) => ({ metric: level.metric, at: level.due_at, state: stateOf(level, now) }));
  return open.toSorted((a, b) => worst.indexOf(a.state) - worst.indexOf(b.state) || (a.at < b.at ? -1 : 1))[0] ?? null;
}

/** When the first of what runs is due; undefined: nothing runs. */
export const soonest = ({ sla }: Pick<Conversation, 'sla'>) =>
  sla
    .filter((level) => !level.met_at && !level.paused)
    .map((level) => level.due_at)
    .toSorted()[0];
