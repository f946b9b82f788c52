/** From what stands in the composer to messages: each file is a message of its own, as the providers want it. */
import type { Attachment, Conversation, Draft, Message, NewMessage, Quote } from '~/shared/api/types';
import { sendMessage } from '~/shared/realtime/outbox';
import type { ThreadMessage } from '~/shared/realtime/store';
import { lengthOf, takesCaption } from './checks';
import type { Upload } from './uploads';

export type Outgoing = Omit<NewMessage, 'client_id'> & { preview?: Attachment[] };

/** Where the text goes: beside the first file that takes one, else it follows as a message of its own. */
export function captionFits(text: string, files: Pick<Upload, 'kind'>[], captionMax: number | null): boolean {
  return captionMax !== null && files.some((f) => takesCaption(f.kind)) && (captionMax === 0 || lengthOf(text) <= captionMax);
}

export const asAttachment = (u: Upload): Attachment => ({
  id: u.media?.id ?? u.key, kind: u.kind, mime: u.mime, name: u.file.name, size: u.file.size, state: 'ready',
  url: u.media?.url ?? u.preview, thumbnail_url: u.media?.thumbnail_url, width: u.media?.width, height: u.media?.height,
});

export function compose(draft: Draft, files: Upload[], captionMax: number | null): Outgoing[] {
  const text = draft.text.trim();
  const reply = draft.mode === 'reply' && draft.reply_to ? { reply_to: draft.reply_to } : {};
  if (draft.mode === 'note') {
    const attachments = files.map((f) => ({ id: f.media?.id ?? '', kind: f.kind }));
    return text || files.length ? [{ type: 'note', text, ...(files.length && { attachments, preview: files.map(asAttachment) }) }] : [];
  }
  const beside = text !== '' && captionFits(text, files, captionMax);
  const captioned = beside ? files.findIndex((f) => takesCaption(f.kind)) : -1;
  const messages: Outgoing[] = files.map((f, i) => ({
    type: 'media', ...(i === captioned && { text }), attachments: [{ id: f.media?.id ?? '', kind: f.kind }], preview: [asAttachment(f)],
  }));
  if (text && !beside) messages.push({ type: 'text', text });
  // The answer's quote stands once, on the first.
  return messages.map((m, i) => (i === 0 ? { ...m, ...reply } : m));
}

export function quoteOf(message: Message): Quote {
  return { id: message.id, type: message.type, direction: message.direction, text: message.text, author_name: message.author.name, attachment_kind: message.attachments[0]?.kind };
}

/** When a message is sent, what becomes of the conversation then, and what its writer had seen. */
export type When = Pick<NewMessage, 'send_at' | 'cancel_if_answered' | 'afterwards'>;
type Asked = When & Pick<NewMessage, 'seen_message_id' | 'mentions'>;

export function sendAll(conversation: Conversation, messages: Outgoing[], { quoted, afterwards, ...asked }: { quoted?: ThreadMessage } & Asked): void {
  for (const [n, { preview, ...body }] of messages.entries()) {
    // With the last one everything is said.
    const after = afterwards && n === messages.length - 1 ? { afterwards } : {};
    sendMessage(conversation, { ...body, ...asked, ...after }, { attachments: preview, quote: body.reply_to && quoted ? quoteOf(quoted) : undefined });
  }
}
