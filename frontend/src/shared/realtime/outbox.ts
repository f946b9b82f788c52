/** Messages on their way to the gateway: shown at once, kept over reloads, sent in order, never twice. */
import { api, ApiError, bodyOf } from '~/shared/api/client';
import type { Attachment, Conversation, Message, NewMessage } from '~/shared/api/types';
import { randomId } from '~/shared/lib/ids';
import { fitsDraft, forgetAgain, giveBack, later, latest, tellAgain, useAgain } from './again';
import { upsertMessage } from './apply';
import { backoff } from './socket';
import { noteSent, undoSeconds } from './sent';
import { emptyThread, useLive, type ThreadMessage } from './store';

interface Entry {
  body: NewMessage;
  message: ThreadMessage;
  /** When it was written. */
  order: number;
}

/** What a new message shows before the gateway's copy is there. */
export type Preview = Partial<Pick<Message, 'attachments' | 'quote'>>;

const prefix = () => `wasl.outbox.${useLive.getState().me?.user.id ?? ''}`;
const keyOf = (entry: Entry) => `${prefix()}.${entry.body.client_id}`;
const sending = new Set<string>();
/** The one that is on its way, by client_id. */
const posting = new Map<string, Promise<void>>();
const attempts = new Map<string, number>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();
/** What the device has no room for; it lives as long as this tab. */
const unkept = new Map<string, Entry>();

/**
 * What waits on this device, in the order in which it was written. Each entry has a key of its own, so that no tab ever writes what
 * another one keeps.
 */
function read(): Entry[] {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(`${prefix()}.`));
  const entries = keys.flatMap((key): Entry[] => {
    try {
      return [JSON.parse(localStorage.getItem(key) ?? '') as Entry];
    } catch {
      return [];
    }
  });
  const here = [...unkept].filter(([key]) => key.startsWith(`${prefix()}.`)).map(([, entry]) => entry);
  return [...entries, ...here].sort((a, b) => a.order - b.order);
}

const count = () => useLive.setState({ waiting: read().filter((e) => e.message.local?.state === 'waiting').length });

function write(entry: Entry): void {
  const key = keyOf(entry);
  unkept.delete(key);
  try {
    localStorage.setItem(key, JSON.stringify(entry));
  } catch {
    localStorage.removeItem(key);
    unkept.set(key, entry);
  }
  count();
}

function remove(clientId: string): void {
  localStorage.removeItem(`${prefix()}.${clientId}`);
  unkept.delete(`${prefix()}.${clientId}`);
  count();
}

/** Takes apart the one list that older versions kept. */
function adoptOld(): void {
  const old = localStorage.getItem(prefix());
  if (!old) return;
  localStorage.removeItem(prefix());
  for (const [order, entry] of (JSON.parse(old) as Entry[]).entries()) write({ ...entry, order });
}

export function showMessage(message: ThreadMessage): void {
  useLive.setState((s) => {
    const thread = s.threads[message.conversation_id] ?? emptyThread;
    const items = upsertMessage(thread.items, message);
    return { threads: { ...s.threads, [message.conversation_id]: { ...thread, items } } };
  });
}

function optimistic(conversation: Conversation, body: NewMessage, preview: Preview): ThreadMessage {
  const me = useLive.getState().me;
  const now = new Date().toISOString();
  return {
    id: `local:${body.client_id}`,
    conversation_id: conversation.id,
    channel_id: conversation.channel_id,
    contact_id: conversation.contact.id,
    direction: 'out',
    type: body.type,
    text: body.text ?? '',
    attachments: (preview.attachments ?? []) as Attachment[],
    status: body.send_at ? 'scheduled' : 'queued',
    error: null,
    provider_id: '',
    client_id: body.client_id,
    author: { type: 'agent', id: me?.user.id ?? '', name: me?.user.name ?? '' },
    reply_to: body.reply_to ?? null,
    quote: preview.quote,
    reactions: [],
    location: body.location,
    contacts: body.contacts ?? undefined,
    interactive: body.interactive,
    template: body.template,
    sent_at: now,
    created_at: now,
    seq: 0,
    arrived: 0,
    send_at: body.send_at ?? null,
    cancel_if_answered: body.cancel_if_answered ?? false,
    version: 0,
    local: { state: 'waiting' },
  };
}

/** The order of the last entry: later ones come behind it, also within one millisecond. */
let last = 0;

/** Notes stay here, and a reaction is no answer: nobody has to have read anything before them. */
const answers = (type: NewMessage['type']) => type !== 'note' && type !== 'reaction';

/** Of the messages that are shown, or that the gateway told of, the one that came last. */
const newestSeen = (id: string): string | undefined =>
  later<Message>(latest(useLive.getState().threads[id]?.items ?? [], useLive.getState().me?.user.id ?? ''), useAgain.getState().of[id]?.messages.at(-1))?.id;

/** Sends a message; an answer says what its writer has seen, which is everything that is shown unless seen_message_id says otherwise. */
export function sendMessage(conversation: Conversation, body: Omit<NewMessage, 'client_id'>, preview: Preview = {}): void {
  const seen = answers(body.type) ? (body.seen_message_id ?? newestSeen(conversation.id)) : undefined;
  const undo = answers(body.type) && !body.send_at ? undoSeconds() : 0;
  const sent = { ...body, ...(seen && { seen_message_id: seen }), ...(undo && { undo_seconds: undo }), client_id: randomId() };
  const message = optimistic(conversation, sent, preview);
  // A reaction is not a bubble: it changes the message it is about when the gateway says so.
  if (body.type !== 'reaction') showMessage(message);
  last = Math.max(last + 1, Date.now());
  write({ body: sent, message, order: last });
  if (undo) noteSent(conversation, { ...message, mail: body.mail && asMail(body.mail) }, undo);
  void drain(conversation.id);
}

/** Sends what waits in one conversation, oldest first, one at a time. */
async function drain(conversationId: string): Promise<void> {
  if (sending.has(conversationId)) return;
  sending.add(conversationId);
  clearTimeout(timers.get(conversationId));
  try {
    for (let entry = next(conversationId); entry; entry = next(conversationId)) {
      const under = post(entry);
      posting.set(entry.body.client_id, under.catch(() => undefined));
      await under.finally(() => posting.delete(entry.body.client_id));
    }
    attempts.delete(conversationId);
  } catch (cause) {
    const attempt = attempts.get(conversationId) ?? 0;
    attempts.set(conversationId, attempt + 1);
    const wait = cause instanceof ApiError && cause.retryAfter ? cause.retryAfter * 1000 : backoff(attempt);
    timers.set(conversationId, setTimeout(() => void drain(conversationId), wait));
  } finally {
    sending.delete(conversationId);
  }
}

const next = (conversationId: string) =>
  read().find((e) => e.message.conversation_id === conversationId && e.message.local?.state === 'waiting');

/** Posts one entry. A refusal settles it; a lost line or a busy gateway throws, and the same client_id goes again. */
async function post(entry: Entry): Promise<void> {
  const { client_id } = entry.body;
  try {
    const message = await bodyOf(
      api.POST('/api/v1/conversations/{id}/messages', { params: { path: { id: entry.message.conversation_id } }, body: entry.body }),
    );
    if (entry.body.type !== 'reaction') showMessage({ ...message, client_id });
    remove(client_id);
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.transient) throw cause;
    if (cause.code === 'written_again') {
      tellAgain(entry.message.conversation_id, cause.body.messages as Message[]);
      if (takeBack(entry)) return;
    }
    const error = { code: cause.code, title: cause.message, detail: cause.fields[0]?.detail ?? cause.detail };
    settle(entry, { ...entry.message, status: 'failed', error, local: { state: 'refused' } });
  }
}

/**
 * Gives an answer back to the composer that was not taken because somebody wrote meanwhile, with those behind it, which have not been sent
 * either. False: it is nothing that the composer's field holds, and keeps its bubble.
 */
function takeBack(entry: Entry): boolean {
  const id = entry.message.conversation_id;
  if (!fitsDraft(id, entry.body)) return false;
  const back = read().filter((e) => e.message.conversation_id === id && e.message.local?.state === 'waiting' && answers(e.body.type) && fitsDraft(id, e.body));
  giveBack(id, back.map((e) => ({ ...e.message, mail: e.body.mail && asMail(e.body.mail) })));
  for (const { message } of back) discardMessage(message);
  return true;
}

/** The recipients of a mail as a message has them. */
function asMail({ subject = '', to, cc, bcc }: NonNullable<NewMessage['mail']>): Message['mail'] {
  const list = (addresses?: string[] | null) => addresses?.map((address) => ({ address }));
  return { subject, to: list(to), cc: list(cc), bcc: list(bcc) } as Message['mail'];
}

function settle(entry: Entry, message: ThreadMessage): void {
  write({ ...entry, message });
  if (entry.body.type !== 'reaction') showMessage(message);
}

export async function retryMessage(message: ThreadMessage): Promise<void> {
  if (message.local) {
    const entry = read().find((e) => e.body.client_id === message.client_id);
    if (!entry) return;
    if (message.error?.code === 'written_again') {
      // Whoever presses the button has what came meanwhile before them.
      entry.body.seen_message_id = newestSeen(message.conversation_id);
      forgetAgain(message.conversation_id);
    }
    settle(entry, { ...message, status: entry.body.send_at ? 'scheduled' : 'queued', error: null, local: { state: 'waiting' } });
    await drain(message.conversation_id);
    return;
  }
  // Shown as queued first, so that the answer and the frames that follow only move it forward.
  replace({ ...message, status: 'queued', error: null });
  const path = { id: message.conversation_id, message_id: message.id };
  try {
    showMessage(await bodyOf(api.POST('/api/v1/conversations/{id}/messages/{message_id}/retry', { params: { path } })));
  } catch (cause) {
    replace(message);
    throw cause;
  }
}

function replace(message: ThreadMessage): void {
  useLive.setState((s) => {
    const thread = s.threads[message.conversation_id];
    if (!thread) return s;
    return { threads: { ...s.threads, [message.conversation_id]: { ...thread, items: upsertMessage(thread.items, message) } } };
  });
}

/** Takes a message back that waits on this device; false: it does not, because the gateway has it, or refused it. */
export async function cancelHere(clientId: string): Promise<boolean> {
  await posting.get(clientId);
  const entry = read().find((e) => e.body.client_id === clientId);
  if (entry?.message.local?.state !== 'waiting') return false;
  discardMessage(entry.message);
  return true;
}

export function discardMessage(message: ThreadMessage): void {
  if (!message.local) return;
  remove(message.client_id);
  useLive.setState((s) => {
    const thread = s.threads[message.conversation_id];
    if (!thread) return s;
    const items = thread.items.filter((m) => m.client_id !== message.client_id);
    return { threads: { ...s.threads, [message.conversation_id]: { ...thread, items } } };
  });
}

/** Shows and sends what an earlier visit or a lost line left behind. */
export function resumeOutbox(): void {
  adoptOld();
  const entries = read();
  count();
  for (const entry of entries) if (entry.body.type !== 'reaction') showMessage(entry.message);
  for (const id of new Set(entries.map((e) => e.message.conversation_id))) void drain(id);
}
