/** What came while somebody wrote: the gateway did not take their answer for it, and gave it back. */
import { create } from 'zustand';
import type { Attachment, Message } from '~/shared/api/types';
import { changeDraft, draftOf } from './drafts';
import type { ThreadMessage } from './store';

interface Again {
  messages: Message[];
  /** When the writer was told, by performance.now(). */
  at: number;
}

interface State {
  /** By conversation, until the writer has decided. */
  of: Record<string, Again>;
  /** Files of messages that were given back, by conversation, until the composer takes them. */
  files: Record<string, Attachment[]>;
}

export const useAgain = create<State>()(() => ({ of: {}, files: {} }));

export const tellAgain = (id: string, messages: Message[]) => useAgain.setState((s) => ({ of: { ...s.of, [id]: { messages, at: performance.now() } } }));

export const forgetAgain = (id: string) =>
  useAgain.setState((s) => {
    const { [id]: _, ...of } = s.of;
    return { of };
  });

/** The files that were given back to a conversation, once. */
export function takeFiles(id: string): Attachment[] {
  const taken = useAgain.getState().files[id] ?? [];
  if (taken.length > 0) useAgain.setState((s) => ({ files: { ...s.files, [id]: [] } }));
  return taken;
}

/** What was written and not sent: a message of REST, or one that waits here. */
export type Returned = Pick<Message, 'type' | 'text' | 'reply_to' | 'mail' | 'attachments'>;

/** Whether a message is what the composer's field holds. A note that is being written is not mixed with what the customer was to read. */
export function fitsDraft(id: string, body: Pick<Message, 'type'>): boolean {
  const draft = draftOf(id);
  return (body.type === 'text' || body.type === 'media') && (draft.mode === 'reply' || !draft.text);
}

/** Puts what was written back into the composer, before what has been written since. */
export function giveBack(id: string, messages: Returned[]): void {
  const draft = draftOf(id);
  const mail = messages.find((m) => m.mail)?.mail;
  const list = (of?: { address: string; name?: string }[] | null) => of?.map((a) => a.address).join(', ');
  changeDraft(
    id,
    {
      mode: 'reply',
      text: [...messages.map((m) => m.text), draft.text].filter(Boolean).join('\n\n'),
      reply_to: draft.reply_to ?? messages.find((m) => m.reply_to)?.reply_to ?? undefined,
      ...(mail && !draft.mail && { mail: { subject: mail.subject, to: list(mail.to), cc: list(mail.cc), bcc: list(mail.bcc) } }),
    },
    0,
  );
  const files = messages.flatMap((m) => m.attachments);
  if (files.length > 0) useAgain.setState((s) => ({ files: { ...s.files, [id]: [...(s.files[id] ?? []), ...files] } }));
}

/** Of two messages the one that came later. */
export const later = <M extends Pick<Message, 'arrived'>>(a: M | undefined, b: M | undefined): M | undefined => (!a || (b && b.arrived >= a.arrived) ? b : a);

/**
 * Of the messages in a list the one that came last: of others where there is one, because one's own say nothing about what one looked at.
 * What waits here, or for its time, has not come yet.
 */
export function latest(items: ThreadMessage[], me: string): ThreadMessage | undefined {
  const came = items.filter((m) => !m.local && !m.send_at);
  const others = came.filter((m) => m.author.id !== me);
  return (others.length > 0 ? others : came).reduce<ThreadMessage | undefined>((found, m) => later(found, m), undefined);
}
