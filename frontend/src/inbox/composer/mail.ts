/** A mail as the agent writes it: subject, copies, and the marks of the toolbar as formatted text. */
import { create } from 'zustand';
import type { Draft } from '~/shared/api/types';
import { parseFormat, type Block, type Inline } from '../thread/format/parse';
import { asAttachment, type Outgoing } from './send';
import type { Upload } from './uploads';

interface MailFields {
  subject: string;
  cc: string;
  bcc: string;
}

const empty: MailFields = { subject: '', cc: '', bcc: '' };
const useFields = create<{ fields: Record<string, MailFields> }>()(() => ({ fields: {} }));

export const setMailFields = (id: string, change: Partial<MailFields>) =>
  useFields.setState((s) => ({ fields: { ...s.fields, [id]: { ...(s.fields[id] ?? empty), ...change } } }));
export const useMailFields = (id: string): MailFields => useFields((s) => s.fields[id] ?? empty);

export function takeMailFields(id: string): MailFields {
  const taken = useFields.getState().fields[id] ?? empty;
  useFields.setState((s) => ({ fields: { ...s.fields, [id]: empty } }));
  return taken;
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
    mail: { ...(fields.subject.trim() && { subject: fields.subject.trim() }), cc: addresses(fields.cc), bcc: addresses(fields.bcc), ...(text && { html: toHTML(text) }) },
    ...(files.length && { attachments: files.map((f) => ({ id: f.media?.id ?? '', kind: f.kind })), preview: files.map(asAttachment) }),
    ...(draft.reply_to && { reply_to: draft.reply_to }),
  }];
}
