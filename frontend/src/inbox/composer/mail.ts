/** A mail as the agent writes it: subject, recipients, and the marks of the toolbar as formatted text. */
import type { Draft, MailAddress, MailDraft } from '~/shared/api/types';
import type { ThreadMessage } from '~/shared/realtime/store';
import { parseFormat, type Block, type Inline } from '../thread/format/parse';
import { asAttachment, type Outgoing } from './send';
import type { Upload } from './uploads';

export type MailFields = Required<MailDraft>;

/** The address without the token that leads an answer back to its conversation. */
const bare = (address: string) => address.toLowerCase().replace(/\+w[0-9a-z]{26}@/, '@');

/** Who an answer is about: the conversation's address, and the addresses that are the customer's as far as known. */
interface Customer {
  address: string | undefined;
  emails: string[] | undefined;
}

/** Who gets an answer: everybody who had the mail, and somebody else who wrote it, except ourselves and whoever was hidden. */
export function replyAll(answered: ThreadMessage | undefined, { address, emails }: Customer, own: string[]): { to: string[]; cc: string[] } {
  const seen = new Set(own.map(bare));
  const once = (list: (string | undefined)[]) => list.filter((a): a is string => !!a && !seen.has(bare(a)) && !!seen.add(bare(a)));
  const of = (list: MailAddress[] | undefined) => (list ?? []).map((a) => a.address);
  const mail = answered?.mail;
  const first = answered?.direction === 'out' && mail?.to?.length ? [] : [address];
  const another = mail?.from && emails && !emails.some((e) => bare(e) === bare(mail.from ?? '')) ? [mail.from] : [];
  return { to: once([...first, ...another, ...of(mail?.to)]), cc: once(of(mail?.cc)) };
}

/** The mail that is answered: the one that the agent chose, else the newest that came in. */
export const answeredBy = (items: ThreadMessage[], replyTo: string | undefined): ThreadMessage | undefined =>
  items.find((m) => m.id === replyTo) ?? items.findLast((m) => m.direction === 'in' && m.mail !== undefined);

/** What stands in the fields: what was typed, else what the answered mail says. */
export function mailFields(typed: MailDraft | undefined, answered: ThreadMessage | undefined, customer: Customer, own: string[]): MailFields {
  const { to, cc } = replyAll(answered, customer, own);
  return { subject: '', to: to.join(', '), cc: cc.join(', '), bcc: '', unsigned: false, ...typed };
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string) => text.replace(/[&<>"]/g, (c) => escapes[c] ?? c);
const tags = { bold: 'b', italic: 'i', strike: 's', code: 'code' } as const;

function linked(text: string): string {
  return text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]'])/).map((part, i) => (i % 2 ? `<a href="${escape(part)}">${escape(part)}</a>` : escape(part))).join('');
}

const inline = (parts: Inline[]): string => parts.map((p) => (typeof p === 'string' ? linked(p) : `<${tags[p.mark]}>${inline(p.children)}</${tags[p.mark]}>`)).join('');

function block(b: Block): string {
  switch (b.kind) {
    case 'text':
      return `<p dir="auto">${b.lines.map(inline).join('<br>')}</p>`;
    case 'quote':
      return `<blockquote dir="auto">${b.lines.map(inline).join('<br>')}</blockquote>`;
    case 'code':
      return `<pre dir="ltr">${escape(b.text)}</pre>`;
    case 'bullets':
      return `<ul dir="auto">${b.items.map((i) => `<li>${inline(i)}</li>`).join('')}</ul>`;
    case 'numbers':
      return `<ol dir="auto" start="${b.start}">${b.items.map((i) => `<li>${inline(i)}</li>`).join('')}</ol>`;
  }
}

/** The formatted text; the gateway makes the plain one of it. */
export const toHTML = (text: string): string => parseFormat(text).map(block).join('');

export const addresses = (list: string): string[] => list.split(/[,;\n]/).map((a) => a.trim()).filter(Boolean);

/** One mail carries everything. */
export function composeMail(draft: Draft, files: Upload[], fields: MailFields): Outgoing[] {
  const text = draft.text.trim();
  if (!text && files.length === 0) return [];
  return [{
    type: files.length ? 'media' : 'text', text,
    mail: {
      ...(fields.subject.trim() && { subject: fields.subject.trim() }), to: addresses(fields.to), cc: addresses(fields.cc), bcc: addresses(fields.bcc),
      ...(text && { html: toHTML(text) }), ...(fields.unsigned && { unsigned: true }),
    },
    ...(files.length && { attachments: files.map((f) => ({ id: f.media?.id ?? '', kind: f.kind })), preview: files.map(asAttachment) }),
    ...(draft.reply_to && { reply_to: draft.reply_to }),
  }];
}
