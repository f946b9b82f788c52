import type { LastMessage, Message } from '~/shared/api/types';

/** Which words stand for a message that has no text of its own; a key of inbox:preview. */
export function kindOf(message: LastMessage) {
  return message.type === 'media' && message.attachment_kind ? message.attachment_kind : message.type;
}

/** Customers' line breaks and markup would waste the one line that there is. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 200);
}

/** A message that waits on this device, or was refused, as the row of its conversation tells of it. */
export const lastOf = ({ id, type, direction, text, sent_at, status, author, attachments, version }: Message): LastMessage => ({
  id, type, direction, text, at: sent_at, status, author, version, attachment_kind: attachments[0]?.kind,
});
