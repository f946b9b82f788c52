/** The filters of the list: what the URL holds, what the gateway is asked, and what the live store keeps on screen. */
import type { Conversation, ConversationStatus } from '~/shared/api/types';
import { dueOf, soonest } from '../due';
import { serverNow } from '~/shared/realtime/serverClock';

export const views = ['mine', 'unassigned', 'all'] as const;
type View = (typeof views)[number];
export const statuses = ['open', 'pending', 'snoozed', 'resolved'] as const satisfies readonly ConversationStatus[];
export const sorts = ['newest', 'oldest', 'priority', 'window', 'due', 'waiting'] as const;
export const levels = ['warning', 'breached'] as const;
export type Sort = (typeof sorts)[number];

/** As the URL holds them; a missing one is the default. */
export interface Filters {
  view?: View;
  /** The kept view that is shown, in the place of all other filters. */
  saved?: string;
  /** The team whose queue is shown: what it was given and nobody has. */
  queue?: string;
  /** The user whose conversations are shown. */
  agent?: string;
  status?: ConversationStatus[];
  channel?: string;
  label?: string;
  unread?: true;
  /** How it stands with what is promised about it. */
  sla?: (typeof levels)[number];
  sort?: Sort;
}

const oneOf = <T extends string>(values: readonly T[], value: unknown): T | undefined => values.find((v) => v === value);

export function parseFilters(search: Record<string, unknown>): Filters {
  const status = Array.isArray(search.status) ? statuses.filter((s) => (search.status as unknown[]).includes(s)) : [];
  const filters: Filters = {
    view: oneOf(views, search.view),
    saved: typeof search.saved === 'string' && search.saved ? search.saved : undefined,
    queue: typeof search.queue === 'string' && search.queue ? search.queue : undefined,
    agent: typeof search.agent === 'string' && search.agent ? search.agent : undefined,
    status: status.length ? status : undefined,
    channel: typeof search.channel === 'string' && search.channel ? search.channel : undefined,
    label: typeof search.label === 'string' && search.label ? search.label : undefined,
    unread: search.unread === true ? true : undefined,
    sla: oneOf(levels, search.sla),
    sort: oneOf(sorts, search.sort),
  };
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}

const live: ConversationStatus[] = ['open', 'pending'];

/** The question to the gateway. */
export function toQuery(filters: Filters): Record<string, string | boolean | undefined> {
  return {
    status: (filters.status ?? live).join(','),
    assignee: filters.view === 'mine' ? 'me' : filters.view === 'unassigned' || filters.queue ? 'none' : filters.agent,
    team: filters.queue,
    channel: filters.channel,
    label: filters.label,
    unread: filters.unread,
    sla: filters.sla,
    sort: filters.sort,
  };
}

/** The same question to a conversation that the socket brought. */
export function matches(filters: Filters, conversation: Conversation, myId: string): boolean {
  if (!(filters.status ?? live).includes(conversation.status)) return false;
  if (filters.view === 'mine' && conversation.assignee_id !== myId) return false;
  if (filters.view === 'unassigned' && conversation.assignee_id) return false;
  if (filters.agent && conversation.assignee_id !== filters.agent) return false;
  if (filters.queue && (conversation.team_id !== filters.queue || conversation.assignee_id)) return false;
  if (filters.channel && conversation.channel_id !== filters.channel) return false;
  if (filters.label && !conversation.labels.includes(filters.label)) return false;
  if (filters.sla && dueOf(conversation, serverNow())?.state !== filters.sla) return false;
  return !filters.unread || conversation.unread_count > 0;
}

/** The filters as a condition of the gateway, to be kept as a view. */
export function toCondition(filters: Filters): object {
  const is = (field: string, value: unknown) => ({ field, op: 'is', value });
  const nobody = { not: { field: 'assignee_id', op: 'exists' } };
  return {
    all: [
      ...(filters.view === 'mine' ? [is('assignee_id', 'me')] : []),
      ...(filters.view === 'unassigned' || filters.queue ? [nobody] : []),
      ...(filters.agent ? [is('assignee_id', filters.agent)] : []),
      ...(filters.queue ? [is('team_id', filters.queue)] : []),
      ...(filters.status ? [{ field: 'status', op: 'in', value: filters.status }] : []),
      ...(filters.channel ? [is('channel_id', filters.channel)] : []),
      ...(filters.label ? [{ field: 'labels', op: 'contains', value: filters.label }] : []),
      ...(filters.unread ? [is('unread', true)] : []),
      ...(filters.sla ? [is('sla', filters.sla)] : []),
    ],
  };
}

const priorities = ['urgent', 'high', 'medium', 'low', 'none'];
const far = '9999';

/** The key by which a sort orders, smaller first. */
function keyOf(sort: Sort, c: Conversation): string {
  switch (sort) {
    case 'priority':
      return String(priorities.indexOf(c.priority));
    case 'window':
      return c.window.open && c.window.closes_at ? c.window.closes_at : far;
    case 'due':
      return soonest(c) ?? far;
    case 'waiting':
      return c.waiting_since ?? far;
    default:
      return '';
  }
}

export function compareBy(sort: Sort = 'newest'): (a: Conversation, b: Conversation) => number {
  return (a, b) => {
    const [x, y] = [keyOf(sort, a), keyOf(sort, b)];
    if (x !== y) return x < y ? -1 : 1;
    const newestFirst = sort !== 'oldest';
    if (a.last_activity_at !== b.last_activity_at) return a.last_activity_at > b.last_activity_at === newestFirst ? -1 : 1;
    if (a.id === b.id) return 0;
    return a.id > b.id === newestFirst ? -1 : 1;
  };
}

/** True when something narrower than a view is asked for. */
export const isFiltered = (f: Filters) => !!(f.agent || f.status || f.channel || f.label || f.unread || f.sla);

/** What the address of the inbox holds besides the filters. */
export interface InboxSearch extends Filters {
  /** Words looked for in all history. */
  q?: string;
  /** The message that a search hit or a quote points at. */
  message?: string;
  /** The customer's pane, where it does not stand beside the conversation anyway. */
  pane?: 'customer';
  /** Everything said with the customer on all channels, instead of one conversation. */
  said?: 'all';
  /** Nobody is told that this person looks; only for those who may. */
  watch?: true;
}

export function parseInboxSearch(search: Record<string, unknown>): InboxSearch {
  const text = (value: unknown) => (typeof value === 'string' && value ? value : typeof value === 'number' ? String(value) : undefined);
  const rest = { q: text(search.q), message: text(search.message), pane: search.pane === 'customer' ? ('customer' as const) : undefined, said: search.said === 'all' ? ('all' as const) : undefined, watch: search.watch === true ? (true as const) : undefined };
  return { ...parseFilters(search), ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) };
}
