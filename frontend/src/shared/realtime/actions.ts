/** What the screens ask of the live store; see store.ts for the list. */
import { api, ApiError } from '~/shared/api/client';
import type { Contact, Conversation, Message, Page, PresenceStatus } from '~/shared/api/types';
import { mergePage, newer } from './apply';
import { sendFrame } from './live';
import { emptyThread, personOf, useLive, type Thread } from './store';

const pageSize = 50;

function patchThread(id: string, change: (thread: Thread) => Partial<Thread>): void {
  useLive.setState((s) => {
    const thread = s.threads[id] ?? emptyThread;
    return { threads: { ...s.threads, [id]: { ...thread, ...change(thread) } } };
  });
}

const asApiError = (cause: unknown) => (cause instanceof ApiError ? cause : new ApiError(0));

/** Puts conversations of a REST answer into the store, unless it knows newer ones. */
export function keepConversations(items: Conversation[]): void {
  useLive.setState((s) => {
    const conversations = { ...s.conversations };
    for (const item of items) conversations[item.id] = newer(conversations[item.id], item);
    return { conversations };
  });
}

/** Forgets a conversation that this person may no longer see. */
export function dropConversation(id: string): void {
  useLive.setState((s) => {
    const { [id]: _c, ...conversations } = s.conversations;
    const { [id]: _t, ...threads } = s.threads;
    return { conversations, threads };
  });
}

export async function loadConversation(id: string): Promise<void> {
  try {
    keepConversations([await api.get<Conversation>(`/conversations/${id}`)]);
  } catch (cause) {
    if (asApiError(cause).status === 404) dropConversation(id);
    throw cause;
  }
}

export async function loadContact(id: string): Promise<void> {
  const contact = await api.get<Contact>(`/contacts/${id}`);
  useLive.setState((s) => ({ contacts: { ...s.contacts, [id]: contact } }));
}

/** Who is there; frames keep it true afterwards. */
export async function loadPresence(): Promise<void> {
  const { items } = await api.get<Page<{ user_id: string; status: PresenceStatus }>>('/presence');
  useLive.setState({ presence: Object.fromEntries(items.map((p) => [p.user_id, p.status])) });
}

/** Says to everybody how this person is; shown at once. */
export function setPresence(status: PresenceStatus): void {
  const me = useLive.getState().me?.user.id;
  if (me) useLive.setState((s) => ({ presence: { ...s.presence, [me]: status } }));
  sendFrame({ type: 'presence', data: { status } });
}

type Load = { kind: Exclude<Thread['loading'], ''>; query: Record<string, string>; merge: (t: Thread, page: Page<Message>) => Partial<Thread> };

async function load(id: string, { kind, query, merge }: Load): Promise<void> {
  patchThread(id, () => ({ loading: kind, error: null }));
  try {
    const person = personOf(id);
    const page = await api.get<Page<Message>>(person ? `/contacts/${person}/timeline` : `/conversations/${id}/messages`, { limit: pageSize, ...query });
    patchThread(id, (t) => ({ loading: '', ...merge(t, page) }));
  } catch (cause) {
    patchThread(id, () => ({ loading: '', error: asApiError(cause) }));
  }
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
function joins(thread: Thread, page: Page<Message>): boolean {
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
  const conversation = useLive.getState().conversations[id];
  if (!conversation || conversation.unread_count === 0 || reading.has(id)) return;
  reading.add(id);
  try {
    keepConversations([await api.post<Conversation>(`/conversations/${id}/read`)]);
  } catch {
    // The count stays as it is; the next look at the conversation tries again.
  } finally {
    reading.delete(id);
  }
}

/** Changes a conversation on screen at once and takes it back when the gateway refuses. */
export async function changeConversation(id: string, path: '' | '/assign', change: Partial<Conversation> & { agent_id?: string | null }): Promise<void> {
  const held = useLive.getState().conversations[id];
  const { agent_id, ...fields } = change;
  const guess = agent_id === undefined ? fields : { ...fields, assignee_id: agent_id };
  if (held) useLive.setState((s) => ({ conversations: { ...s.conversations, [id]: { ...held, ...guess } } }));
  try {
    const answer = path
      ? await api.post<Conversation>(`/conversations/${id}${path}`, change)
      : await api.patch<Conversation>(`/conversations/${id}`, change);
    keepConversations([answer]);
  } catch (cause) {
    if (held) useLive.setState((s) => ({ conversations: { ...s.conversations, [id]: held } }));
    throw cause;
  }
}

const typingEvery = 3000;
const lastTyping = new Map<string, number>();

export function sendTyping(id: string, typing = true): void {
  const last = lastTyping.get(id) ?? 0;
  if (typing && Date.now() - last < typingEvery) return;
  if (!typing && last === 0) return;
  lastTyping.set(id, typing ? Date.now() : 0);
  sendFrame({ type: 'typing', data: { conversation_id: id, typing } });
}

/** Tells the others what is on this screen, and the funnel what comes first. */
export function setOpenConversation(id: string): void {
  useLive.setState({ openId: id });
  sendFrame({ type: 'viewing', data: { conversation_id: id || null } });
}
