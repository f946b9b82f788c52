/** What the screens ask of the live store; see store.ts for the list. */
import { api, ApiError, bodyOf } from '~/shared/api/client';
import { meQuery, queryClient } from '~/shared/api/queries';
import type { components } from '~/shared/api/schema.gen';
import type { AgentState, Conversation, Me, Message, Presence } from '~/shared/api/types';
import { mergePage } from './apply';
import { conversations } from './conversations';
import { sendFrame } from './live';
import { guessOf, queueChange } from './outbox';
import { waitingIn, type ChangeEntry } from './outboxStore';
import { emptyThread, personOf, useLive, type Thread } from './store';

const pageSize = 50;

function patchThread(id: string, change: (thread: Thread) => Partial<Thread>): void {
  useLive.setState((s) => {
    const thread = s.threads[id] ?? emptyThread;
    return { threads: { ...s.threads, [id]: { ...thread, ...change(thread) } } };
  });
}

const asApiError = (cause: unknown) => (cause instanceof ApiError ? cause : new ApiError(0));

/** Keeps conversations of a REST answer, unless we know newer ones. */
export function keepConversations(items: Conversation[]): void {
  for (const item of items) conversations.put(item);
}

/** Forgets a conversation that this person may no longer see. */
export function dropConversation(id: string): void {
  conversations.remove(id);
  useLive.setState((s) => {
    const { [id]: _, ...threads } = s.threads;
    return { threads };
  });
}

/** Loads a conversation, and returns its id: another one where it was merged. */
export async function loadConversation(id: string): Promise<string> {
  try {
    const conversation = await bodyOf(api.GET('/api/v1/conversations/{id}', { params: { path: { id: id } } }));
    keepConversations([conversation]);
    return conversation.id;
  } catch (cause) {
    if (asApiError(cause).status === 404) dropConversation(id);
    throw cause;
  }
}

/** How many contacts are kept besides the one that is looked at. */
const contactsKept = 50;

export async function loadContact(id: string): Promise<void> {
  const contact = await bodyOf(api.GET('/api/v1/contacts/{id}', { params: { path: { id: id } } }));
  useLive.setState((s) => {
    const { [id]: _, ...others } = s.contacts;
    return { contacts: Object.fromEntries([...Object.entries(others).slice(-contactsKept), [id, contact]]) };
  });
}

/** Who is there; frames keep it true afterwards. */
export async function loadPresence(): Promise<void> {
  const { items } = await bodyOf(api.GET('/api/v1/agents', { params: { query: { limit: 200 } } }));
  useLive.setState({ presence: Object.fromEntries(items.map(({ user_id, state, reason, since }) => [user_id, { user_id, state, reason, since }])) });
}

/** Says to everybody whether this person works now; shown at once, and taken back when the gateway refuses. */
export async function setPresence(state: AgentState, reason = ''): Promise<void> {
  const { me, presence } = useLive.getState();
  if (!me) return;
  const user_id = me.user.id;
  const show = (mine: Presence | undefined) => useLive.setState((s) => ({ presence: { ...s.presence, ...(mine && { [user_id]: mine }) } }));
  show({ user_id, state, reason, since: new Date().toISOString() });
  try {
    show(await bodyOf(api.PUT('/api/v1/me/presence', { body: { state, ...(reason && { reason }) } })));
  } catch (cause) {
    show(presence[user_id]);
    throw cause;
  }
}

/** Keeps who is signed in, for the routes and for the screens. */
export function setMe(me: Me): void {
  queryClient.setQueryData(meQuery.queryKey, me);
  useLive.setState({ me });
}

type Page = { items: Message[] };
type Load = { kind: Exclude<Thread['loading'], ''>; query: { before?: string; after?: string; around?: string }; merge: (t: Thread, page: Page) => Partial<Thread> };

async function load(id: string, { kind, query, merge }: Load): Promise<void> {
  patchThread(id, () => ({ loading: kind, error: null }));
  try {
    const person = personOf(id);
    const page = await bodyOf(
      person
        ? api.GET('/api/v1/contacts/{id}/timeline', { params: { path: { id: person }, query: { limit: pageSize, ...query } } })
        : api.GET('/api/v1/conversations/{id}/messages', { params: { path: { id }, query: { limit: pageSize, ...query } } }),
    );
    patchThread(id, (t) => ({ loading: '', ...merge(t, page) }));
    for (const message of page.items) conversations.putMessage(message);
  } catch (cause) {
    patchThread(id, () => ({ loading: '', error: asApiError(cause) }));
  }
}

/** The line is back: what could not be loaded without it is loaded now. */
export async function loadFailed(): Promise<void> {
  const { threads } = useLive.getState();
  const failed = Object.keys(threads).filter((id) => threads[id]?.error && threads[id].items.every((m) => m.local));
  await Promise.allSettled([queryClient.refetchQueries({ predicate: ({ state }) => state.status === 'error' }), ...failed.map(showLatest)]);
}

const localOnly = (thread: Thread) => thread.items.filter((m) => m.local);

/** Loads the newest page, keeping what is shown until it is there. */
export function showLatest(id: string): Promise<void> {
  return load(id, {
    kind: 'newest',
    query: {},
    merge: (thread, page) => ({
      // Frames that came meanwhile are newer than the page; the rest is replaced, so that no hole stays.
      items: mergePage(joins(thread, page) ? thread.items : localOnly(thread), page.items),
      hasOlder: joins(thread, page) ? thread.hasOlder : page.items.length >= pageSize,
      hasNewer: false,
    }),
  });
}

/** True when the page reaches into what is already there. */
function joins(thread: Thread, page: Page): boolean {
  const known = new Set(thread.items.map((m) => m.id));
  return !thread.hasNewer && page.items.some((m) => known.has(m.id));
}

export async function openThread(id: string): Promise<void> {
  const thread = useLive.getState().threads[id];
  if (thread?.loading) return;
  if (!thread || thread.hasNewer || thread.items.every((m) => m.local)) await showLatest(id);
}

export async function loadOlder(id: string): Promise<void> {
  const thread = useLive.getState().threads[id];
  const oldest = thread?.items.find((m) => !m.local);
  if (!thread || thread.loading || !thread.hasOlder || !oldest) return;
  await load(id, {
    kind: 'older',
    query: { before: oldest.id },
    merge: (t, page) => ({ items: mergePage(t.items, page.items), hasOlder: page.items.length >= pageSize }),
  });
}

export async function loadNewer(id: string): Promise<void> {
  const thread = useLive.getState().threads[id];
  const newest = thread?.items.findLast((m) => !m.local);
  if (!thread || thread.loading || !thread.hasNewer || !newest) return;
  await load(id, {
    kind: 'newer',
    query: { after: newest.id },
    merge: (t, page) => ({ items: mergePage(t.items, page.items), hasNewer: page.items.length >= pageSize }),
  });
}

/** Shows the part of the history around one message, for search and quotes. */
export async function loadAround(id: string, messageId: string): Promise<void> {
  if (personOf(id) || useLive.getState().threads[id]?.items.some((m) => m.id === messageId)) return;
  await load(id, {
    kind: 'newest',
    query: { around: messageId },
    merge: (t, page) => ({ items: mergePage(localOnly(t), page.items), hasOlder: true, hasNewer: true }),
  });
}

const reading = new Set<string>();

export async function markRead(id: string): Promise<void> {
  const conversation = conversations.get(id);
  if (!conversation || conversation.unread_count === 0 || reading.has(id)) return;
  reading.add(id);
  try {
    keepConversations([await bodyOf(api.POST('/api/v1/conversations/{id}/read', { params: { path: { id: id } } }))]);
  } catch {
    // The count stays as it is; the next look at the conversation tries again.
  } finally {
    reading.delete(id);
  }
}

/** What came in last is unread again, until the conversation is looked at. */
export async function markUnread(id: string): Promise<void> {
  keepConversations([await bodyOf(api.POST('/api/v1/conversations/{id}/unread', { params: { path: { id } } }))]);
}

/** How many are marked at once. */
const together = 6;

/** Marks what is unread of these as read, a few at a time. */
export async function markAllRead(ids: readonly string[]): Promise<void> {
  const unread = ids.filter((id) => conversations.get(id)?.unread_count);
  for (let at = 0; at < unread.length; at += together) await Promise.all(unread.slice(at, at + together).map(markRead));
}

/**
 * Shows a change at once, asks the gateway for it, and takes it back when that refuses. Without a line it is kept, and made when the line is back;
 * likewise behind what waits in the conversation already.
 */
async function changeAtOnce(id: string, guess: Partial<Conversation>, what: Pick<ChangeEntry, 'change' | 'assignment'>, ask: () => Promise<Conversation>): Promise<void> {
  const before = conversations.get(id);
  const later = () => queueChange(id, what);
  if (before) conversations.set({ ...before, ...guess });
  if (waitingIn(id).length > 0) return later();
  try {
    keepConversations([await ask()]);
  } catch (cause) {
    if (cause instanceof ApiError && cause.status === 0) return later();
    if (before) conversations.set(before);
    throw cause;
  }
}

export type ConversationChange = components['schemas']['ConversationPatchInputBody'];

export const changeConversation = (id: string, body: ConversationChange) =>
  changeAtOnce(id, body, { change: body }, () => bodyOf(api.PATCH('/api/v1/conversations/{id}', { params: { path: { id } }, body })));

/** To whom a conversation is given. null: to nobody; what is left out stays as it is. */
export interface Assignment {
  agent_id?: string | null;
  team_id?: string | null;
}

export const assignConversation = (id: string, to: Assignment) =>
  changeAtOnce(id, guessOf(to), { assignment: to }, () => bodyOf(api.POST('/api/v1/conversations/{id}/assign', { params: { path: { id } }, body: to })));

const typingEvery = 3000;
const lastTyping = new Map<string, number>();

export function sendTyping(id: string, typing = true): void {
  const last = lastTyping.get(id) ?? 0;
  if (typing && Date.now() - last < typingEvery) return;
  if (!typing && last === 0) return;
  lastTyping.set(id, typing ? Date.now() : 0);
  sendFrame({ type: 'typing', data: { conversation_id: id, typing } });
}

/** Of how many conversations that were opened the messages are kept, and how many of each. */
const threadsKept = 20;
const messagesKept = 2 * pageSize;

/** The threads to go on with when a conversation is opened: those opened last, cut to their newest messages, and what waits to go out. */
export function keptThreads(threads: Record<string, Thread>, openId: string): Record<string, Thread> {
  const { [openId]: opened, ...others } = threads;
  const ids = Object.keys(others);
  const kept = ids.flatMap((id, n): [string, Thread][] => {
    const thread = others[id] as Thread;
    if (thread.items.some((m) => m.local)) return [[id, thread]];
    if (n < ids.length - threadsKept || thread.hasNewer) return [];
    return [[id, thread.items.length > messagesKept ? { ...thread, items: thread.items.slice(-messagesKept), hasOlder: true } : thread]];
  });
  return Object.fromEntries(opened ? [...kept, [openId, opened]] : kept);
}

/** Tells the others what is on this screen, unless it is watched silently, and the funnel what comes first. */
export function setOpenConversation(id: string, watching = false): void {
  useLive.setState((s) => ({ openId: id, watching, threads: id ? keptThreads(s.threads, id) : s.threads }));
  sendFrame({ type: 'viewing', data: { conversation_id: watching ? null : id || null } });
}
