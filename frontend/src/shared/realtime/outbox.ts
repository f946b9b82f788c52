/** Messages and changes on their way to the gateway: shown at once, kept over reloads, sent in order and by one tab, never twice. */
import { api, ApiError, bodyOf } from '~/shared/api/client';
import type { Attachment, Conversation, Message, NewMessage } from '~/shared/api/types';
import { toastError } from '~/shared/ui/toast';
import { randomId } from '~/shared/lib/ids';
import { fitsDraft, forgetAgain, giveBack, later, latest, tellAgain, useAgain } from './again';
import { upsertMessage } from './apply';
import { finishes, left, postChange } from './changePost';
import { conversations } from './conversations';
import {
  adoptOld, alone, asMail, conversationOf, count, followOutbox, idOf, isMessage, nextOrder, readOutbox, removeFromOutbox, waitingIn, writeOutbox,
  type ChangeEntry, type Entry, type MessageEntry,
} from './outboxStore';
import { noteSent, undoSeconds } from './sent';
import { serverNow } from './serverClock';
import { backoff } from './socket';
import { emptyThread, useLive, type ThreadMessage } from './store';

/** What a new message shows before the gateway's copy is there. */
export type Preview = Partial<Pick<Message, 'attachments' | 'quote'>>;

const sending = new Set<string>();
/** The one that is on its way, by client_id. */
const posting = new Map<string, Promise<void>>();
const attempts = new Map<string, number>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();

export function showMessage(message: ThreadMessage): void {
  useLive.setState((s) => {
    const thread = s.threads[message.conversation_id] ?? emptyThread;
    const items = upsertMessage(thread.items, message);
    return { threads: { ...s.threads, [message.conversation_id]: { ...thread, items } } };
  });
}

function optimistic(conversation: Conversation, body: NewMessage, preview: Preview): ThreadMessage {
  const me = useLive.getState().me;
  const now = new Date(serverNow()).toISOString();
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
  writeOutbox({ body: sent, message, order: nextOrder() });
  if (undo) noteSent(conversation, { ...message, mail: body.mail && asMail(body.mail) }, undo);
  void drain(conversation.id);
}

/** Keeps what is done to a conversation until the gateway can be told, behind what waits there already. */
export function queueChange(conversationId: string, what: Pick<ChangeEntry, 'change' | 'assignment'>): void {
  const seen = newestSeen(conversationId) ?? conversations.get(conversationId)?.last_message?.id ?? '';
  writeOutbox({ ...what, id: randomId(), conversationId, seen, order: nextOrder() });
  void drain(conversationId);
}

/** How long a tab waits that found another one sending. */
const lookAgainAfter = 1000;

/** Sends what waits in one conversation, oldest first, one at a time, unless another tab is at it. */
async function drain(conversationId: string): Promise<void> {
  if (sending.has(conversationId)) return;
  sending.add(conversationId);
  clearTimeout(timers.get(conversationId));
  const again = (wait: number) => void timers.set(conversationId, setTimeout(() => void drain(conversationId), wait));
  try {
    const mine = await alone(conversationId, async () => {
      for (let entry = waitingIn(conversationId)[0]; entry; entry = waitingIn(conversationId)[0]) {
        const under = isMessage(entry) ? post(entry) : makeChange(entry);
        posting.set(idOf(entry), under.catch(() => undefined));
        await under.finally(() => posting.delete(idOf(entry)));
      }
      attempts.delete(conversationId);
    });
    if (!mine) again(lookAgainAfter);
  } catch (cause) {
    const attempt = attempts.get(conversationId) ?? 0;
    attempts.set(conversationId, attempt + 1);
    // Who is signed out sends nothing until they are back; then everything begins again.
    if (!signedOut(cause)) again(cause instanceof ApiError && cause.retryAfter ? cause.retryAfter * 1000 : backoff(attempt));
  } finally {
    sending.delete(conversationId);
  }
}

const signedOut = (cause: unknown) => cause instanceof ApiError && cause.status === 401;
/** Later the same may be taken. */
const willPass = (cause: unknown) => !(cause instanceof ApiError) || cause.transient || signedOut(cause);

/** Makes a change that waited. A refusal is said, and the conversation shown as it is. */
async function makeChange(entry: ChangeEntry): Promise<void> {
  try {
    await postChange(entry);
  } catch (cause) {
    if (willPass(cause)) throw cause;
    toastError(cause);
    await left(entry, false).catch(() => undefined);
  }
  removeFromOutbox(entry.id);
}

/** Posts one entry. A refusal settles it; a lost line or a busy gateway throws, and the same client_id goes again. */
async function post(entry: MessageEntry): Promise<void> {
  const { client_id } = entry.body;
  try {
    const message = await bodyOf(
      api.POST('/api/v1/conversations/{id}/messages', { params: { path: { id: entry.message.conversation_id } }, body: entry.body }),
    );
    if (entry.body.type !== 'reaction') showMessage({ ...message, client_id });
    removeFromOutbox(client_id);
  } catch (cause) {
    if (willPass(cause) || !(cause instanceof ApiError)) throw cause;
    if (cause.code === 'written_again') {
      tellAgain(entry.message.conversation_id, cause.body.messages as Message[]);
      if (takeBack(entry)) return;
    }
    if (cause.code === 'closing_required' && takeBack(entry)) return toastError(cause);
    const error = { code: cause.code, title: cause.message, detail: cause.fields[0]?.detail ?? cause.detail };
    settle(entry, { ...entry.message, status: 'failed', error, local: { state: 'refused' } });
    if (useLive.getState().openId !== entry.message.conversation_id) toastError(cause, () => void retryMessage(entry.message));
  }
}

/**
 * Gives an answer back to the composer that was not taken because somebody wrote meanwhile, with those behind it, which have not been sent
 * either. False: it is nothing that the composer's field holds, and keeps its bubble.
 */
function takeBack(entry: MessageEntry): boolean {
  const id = entry.message.conversation_id;
  const waiting = waitingIn(id);
  // What was to be done after the answer is not done without it.
  for (const done of waiting.filter((e): e is ChangeEntry => !isMessage(e) && finishes(e))) {
    removeFromOutbox(done.id);
    void left(done, false).catch(() => undefined);
  }
  if (!fitsDraft(id, entry.body)) return false;
  const back = waiting.filter(isMessage).filter((e) => answers(e.body.type) && fitsDraft(id, e.body));
  giveBack(id, back.map((e) => ({ ...e.message, mail: e.body.mail && asMail(e.body.mail) })));
  for (const { message } of back) discardMessage(message);
  return true;
}

function settle(entry: MessageEntry, message: ThreadMessage): void {
  writeOutbox({ ...entry, message });
  if (entry.body.type !== 'reaction') showMessage(message);
}

const messageEntry = (clientId: string) => readOutbox().filter(isMessage).find((e) => e.body.client_id === clientId);

export async function retryMessage(message: ThreadMessage): Promise<void> {
  if (message.local) {
    const entry = messageEntry(message.client_id);
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
  const entry = messageEntry(clientId);
  if (entry?.message.local?.state !== 'waiting') return false;
  discardMessage(entry.message);
  return true;
}

export function discardMessage(message: ThreadMessage): void {
  if (!message.local) return;
  removeFromOutbox(message.client_id);
  hide(message.conversation_id, message.client_id);
}

/** Takes a message off the screen that only this device has. */
function hide(conversationId: string, clientId: string): void {
  useLive.setState((s) => {
    const thread = s.threads[conversationId];
    if (!thread) return s;
    const items = thread.items.filter((m) => !m.local || m.client_id !== clientId);
    return { threads: { ...s.threads, [conversationId]: { ...thread, items } } };
  });
}

/** Shows what waits as it will be. */
function show(entry: Entry): void {
  if (isMessage(entry)) {
    if (entry.body.type !== 'reaction') showMessage(entry.message);
    return;
  }
  const known = conversations.get(entry.conversationId);
  if (known) conversations.set({ ...known, ...entry.change, ...guessOf(entry.assignment) });
}

/** How a conversation looks once it is given to somebody. */
export const guessOf = (to: ChangeEntry['assignment'] = {}): Partial<Conversation> => ({
  ...(to.agent_id !== undefined && { assignee_id: to.agent_id }),
  ...(to.team_id !== undefined && { team_id: to.team_id }),
});

/** How long a message that another tab sent is waited for: the line brings it to this one too. */
const sentWithin = 2000;

/** Another tab wrote, sent or took back: this one shows the same. */
followOutbox((id, entry) => {
  if (entry) return show(entry);
  setTimeout(() => {
    if (messageEntry(id)) return;
    for (const [conversationId, { items }] of Object.entries(useLive.getState().threads)) {
      if (items.some((m) => m.local && m.client_id === id)) hide(conversationId, id);
    }
  }, sentWithin);
});

/** Shows and sends what an earlier visit, another tab or a lost line left behind. */
export function resumeOutbox(): void {
  adoptOld();
  const entries = readOutbox();
  count();
  entries.forEach(show);
  for (const id of new Set(entries.map(conversationOf))) void drain(id);
}
