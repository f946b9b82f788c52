/** What the board shows, kept true by the socket's frames, and what of it is over its limit. Pure. */
import type { EventFrame, SignalFrame } from '~/shared/api/frames';
import type { Board, BoardAgent, Queue, SignOfLife, Team } from '~/shared/api/types';

function put<T>(items: T[], item: T, id: (item: T) => string): T[] {
  const at = items.findIndex((one) => id(one) === id(item));
  return at < 0 ? [...items, item] : items.with(at, item);
}

const userOf = (agent: BoardAgent) => agent.user_id;
const teamOf = (queue: Queue) => queue.team_id;
const idOf = (channel: SignOfLife) => channel.id;

/** The channel after a customer's message came over it. */
function heard(channel: SignOfLife, at: string): SignOfLife {
  if (channel.last_inbound_at && channel.last_inbound_at >= at) return channel;
  return { ...channel, last_inbound_at: at, health: channel.health === 'new' ? 'ok' : channel.health };
}

function after(board: Board, frame: EventFrame | SignalFrame): Board {
  switch (frame.type) {
    case 'queue.updated':
      return { ...board, queues: put(board.queues, frame.data, teamOf) };
    case 'board.updated': {
      const stay = board.agents.filter(({ user_id }) => !frame.data.gone.includes(user_id));
      return { ...board, agents: frame.data.agents.reduce((all, agent) => put(all, agent, userOf), stay) };
    }
    case 'agent.updated': {
      const { user_id, ...state } = frame.data;
      return { ...board, agents: board.agents.map((agent) => (agent.user_id === user_id ? { ...agent, ...state } : agent)) };
    }
    case 'channel.updated': {
      const { id, name, kind, health, last_inbound_at } = frame.data;
      return { ...board, channels: put(board.channels, { id, name, kind, health: health.state, lag_seconds: health.lag_seconds, last_inbound_at }, idOf) };
    }
    case 'message.created': {
      const { direction, channel_id, created_at } = frame.data;
      return direction === 'in' ? { ...board, channels: board.channels.map((one) => (one.id === channel_id ? heard(one, created_at) : one)) } : board;
    }
    default:
      return board;
  }
}

export const boardAfter = (board: Board, frames: (EventFrame | SignalFrame)[]): Board => frames.reduce(after, board);

/** True when the frames tell of something that the board has to be asked for anew: other teams, or an agent whom it does not know. */
export const outdates = (board: Board, frames: (EventFrame | SignalFrame)[]): boolean =>
  frames.some(({ type, data }) => type.startsWith('team.') || (type === 'agent.updated' && !board.agents.some(({ user_id }) => user_id === data.user_id)));

/** How long the first in a queue may wait where the team does not overflow, in seconds. */
const usualWait = 300;
/** How long somebody may be away or busy, in seconds. */
const longAway = 3600;
/** What a user without a capacity of their own can have. */
const usualCapacity = 10;

export const capacityOf = (agent: BoardAgent) => agent.capacity.total ?? usualCapacity;

/** Seconds that the first in the queue has waited. */
export const waitOf = (queue: Queue, now: number) => (queue.oldest_at ? Math.max(0, (now - Date.parse(queue.oldest_at)) / 1000) : 0);

/** The share of answers in time below which a queue is over its limit. */
const leastInTime = 0.8;

export type QueueTrouble = 'wait' | 'level';
export type AgentTrouble = 'load' | 'away';

export function queueTrouble(queue: Queue, team: Team | undefined, now: number): QueueTrouble | null {
  if (queue.length > 0 && waitOf(queue, now) > (team?.overflow[0]?.after_seconds ?? usualWait)) return 'wait';
  return queue.service_level !== null && queue.service_level < leastInTime ? 'level' : null;
}

export function agentTrouble(agent: BoardAgent, now: number): AgentTrouble | null {
  if (agent.load > capacityOf(agent)) return 'load';
  const gone = agent.state === 'away' || agent.state === 'busy';
  return gone && agent.since && (now - Date.parse(agent.since)) / 1000 > longAway ? 'away' : null;
}

export const channelTrouble = (channel: SignOfLife) => (channel.health === 'ok' || channel.health === 'new' || channel.health === 'paused' ? null : channel.health);

/** How long what was over its limit keeps its place at the top, so that nothing jumps to and fro. */
const staysFor = 120_000;

/** What stands at the top of a band because it is or was a moment ago over its limit. */
export type Risen = Map<string, { since: number; until: number }>;

/** The items in their order: first what is over its limit, in the order in which that began, then the others. */
export function arrange<T>(items: T[], risen: Risen, now: number, of: { id: (item: T) => string; over: (item: T) => boolean; compare: (a: T, b: T) => number }): T[] {
  for (const item of items) {
    const known = risen.get(of.id(item));
    const up = known && known.until > now;
    if (of.over(item)) risen.set(of.id(item), { since: up ? known.since : now, until: now + staysFor });
    else if (known && !up) risen.delete(of.id(item));
  }
  const since = (item: T) => risen.get(of.id(item))?.since ?? Infinity;
  return items.toSorted((a, b) => (since(a) === since(b) ? of.compare(a, b) : since(a) - since(b)));
}

const states = ['online', 'busy', 'away', 'offline'] as const;

export const compareAgents = (a: BoardAgent, b: BoardAgent) => states.indexOf(a.state) - states.indexOf(b.state) || a.name.localeCompare(b.name);

/** What the head of the board sums up. */
export function summary(board: Board): { waiting: number; oldest: string | null; online: number; places: number } {
  const oldest = board.queues.flatMap(({ oldest_at }) => oldest_at ?? []).toSorted()[0] ?? null;
  const online = board.agents.filter(({ state }) => state === 'online');
  return {
    waiting: board.queues.reduce((sum, { length }) => sum + length, 0),
    oldest,
    online: online.length,
    // Who is in no team is given nothing.
    places: online.reduce((sum, agent) => sum + (agent.team_ids.length > 0 ? Math.max(0, capacityOf(agent) - agent.load) : 0), 0),
  };
}

/** 0:07, 4:32, 1:04:32 */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
