/** What of the channels' health everybody should know at once. Pure. */
import type { Channel, Role } from '~/shared/api/types';

export const mayManageChannels = (role: Role) => role === 'owner' || role === 'admin';
export const maySupervise = (role: Role) => role !== 'agent';

/** Seconds of lag that people are told of. */
const lagging = 30;

export interface Alarm {
  kind: 'stopped' | 'lagging';
  channel: Channel;
  /** How many other channels have the same trouble. */
  others: number;
}

/** The worst thing: a channel that sends nothing comes before messages that come in late. */
export function alarmOf(channels: Channel[]): Alarm | null {
  const stopped = channels.filter((c) => c.status === 'error');
  const late = channels.filter((c) => c.health.lag_seconds > lagging).toSorted((a, b) => b.health.lag_seconds - a.health.lag_seconds);
  const [kind, troubled] = stopped.length > 0 ? (['stopped', stopped] as const) : (['lagging', late] as const);
  const [channel] = troubled;
  return channel ? { kind, channel, others: troubled.length - 1 } : null;
}
