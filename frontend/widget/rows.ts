import { h, icon, linked } from './dom';
import type { Attachment, Message } from './gateway';
import type { Pending } from './kept';
import { type Language, localeOf, type Words } from './words';

/** One line of the conversation: a message, one on its way, a file on its way, or a day. */
export interface Line {
  id: string;
  day: string;
  message?: Message;
  read?: boolean;
  pending?: Pending;
  offline?: boolean;
  upload?: { name: string; problem: string };
  separator?: boolean;
}

export interface Context {
  words: Words;
  language: Language;
  fileURL: (message: string, attachment: string, thumbnail?: boolean) => string;
  retry: (id: string) => void;
  drop: (id: string) => void;
}

export const dayOf = (at: string) => new Date(at).toDateString();

function dayName(day: string, { words, language }: Context): string {
  const ago = Math.round((new Date(new Date().toDateString()).getTime() - new Date(day).getTime()) / 86_400_000);
  if (ago === 0) return words.today;
  if (ago === 1) return words.yesterday;
  return new Intl.DateTimeFormat(localeOf(language), { weekday: 'short', day: 'numeric', month: 'long' }).format(new Date(day));
}

const timeOf = (at: Date, language: Language) => new Intl.DateTimeFormat(localeOf(language), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);

const sizeOf = (bytes: number) => (bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`);

function plainFile(name: string, size: number): HTMLElement {
  return h('span', { class: 'file' }, icon('file', 22), h('span', {}, h('bdi', {}, name), h('small', { dir: 'ltr' }, size ? sizeOf(size) : '')));
}

function file(message: Message, a: Attachment, { words, fileURL }: Context): HTMLElement {
  if (a.failed) return h('span', { class: 'file' }, icon('failed', 22), words.noFile);
  const url = fileURL(message.id, a.id);
  const link = { href: url, target: '_blank', rel: 'noopener noreferrer' };
  switch (a.kind) {
    case 'image':
    case 'sticker': {
      if (!a.thumbnail) break;
      const picture = h('img', { src: fileURL(message.id, a.id, true), alt: a.name, loading: 'lazy' });
      if (a.width && a.height) picture.style.aspectRatio = `${a.width} / ${a.height}`;
      return h('a', { ...link, class: 'picture' }, picture);
    }
    case 'video':
      return h('video', { src: url, controls: true, preload: 'metadata', playsinline: true });
    case 'audio':
    case 'voice':
      return h('audio', { src: url, controls: true, preload: 'none' });
  }
  return h('a', { ...link, class: 'file' }, ...plainFile(a.name || a.mime, a.size).childNodes);
}

function meta(at: Date, state: 'us' | 'clock' | 'sent' | 'read' | 'failed', { words, language }: Context): HTMLElement {
  const label = { us: '', clock: words.sending, sent: words.sent, read: words.read, failed: words.failed }[state];
  return h('span', { class: 'meta' }, h('time', { datetime: at.toISOString() }, timeOf(at, language)), state !== 'us' && icon(state, 15, label));
}

/** Draws one line. */
export function row(line: Line, context: Context): HTMLElement {
  const { words } = context;
  if (line.separator) return h('li', { class: 'day' }, h('span', {}, dayName(line.day, context)));
  if (line.message) return said(line.message, !!line.read, context);
  const failed = line.pending?.state === 'failed' || !!line.upload?.problem;
  const attributes = { class: 'line', 'data-from': 'visitor', 'data-testid': 'widget-message', 'data-status': line.pending?.state ?? 'uploading' };
  const bubble = h('div', { class: 'bubble', dir: 'auto' });
  for (const f of line.pending?.files ?? []) bubble.append(plainFile(f.name, f.size));
  if (line.upload) bubble.append(plainFile(line.upload.name, 0), h('small', {}, line.upload.problem ? '' : words.uploading));
  if (line.pending?.text) bubble.append(h('p', {}, linked(line.pending.text)));
  if (line.pending) bubble.append(meta(new Date(line.pending.at), failed ? 'failed' : line.pending.state === 'taken' ? 'sent' : 'clock', context));
  const why = line.upload?.problem === 'tooLarge' ? words.tooLarge : words.failed;
  const mend = failed && h('p', { class: 'mend', role: 'alert' }, `${why} · `,
    line.upload?.problem !== 'tooLarge' && h('button', { type: 'button', onclick: () => context.retry(line.id) }, words.retry),
    h('button', { type: 'button', 'aria-label': words.close, onclick: () => context.drop(line.id) }, icon('close', 14)));
  const waits = line.pending?.state === 'waiting' && line.offline && h('p', { class: 'mend' }, words.waiting);
  return h('li', attributes, bubble, mend, waits);
}

function said(message: Message, read: boolean, context: Context): HTMLElement {
  const bubble = h('div', { class: 'bubble', dir: 'auto' });
  if (message.deleted) bubble.append(h('p', { class: 'gone' }, context.words.deleted));
  for (const a of message.attachments) bubble.append(file(message, a, context));
  if (message.text) bubble.append(h('p', {}, linked(message.text)));
  const mine = message.from === 'visitor';
  bubble.append(meta(new Date(message.sent_at), mine ? (read ? 'read' : 'sent') : 'us', context));
  return h('li', { class: 'line', 'data-from': message.from, 'data-testid': 'widget-message', 'data-status': mine && read ? 'read' : message.status },
    !mine && !!message.name && h('span', { class: 'who' }, h('bdi', {}, message.name)), bubble);
}

/** Asks where to answer while nobody is there. */
export function detailsForm(words: Words, save: (name: string, email: string) => Promise<void>): HTMLElement {
  const name = h('input', { name: 'name', autocomplete: 'name', maxlength: '100', placeholder: words.name, 'aria-label': words.name, 'data-testid': 'widget-name' });
  const email = h('input', { type: 'email', name: 'email', required: true, autocomplete: 'email', maxlength: '254', placeholder: words.email, 'aria-label': words.email, dir: 'ltr', 'data-testid': 'widget-email' });
  const button = h('button', { class: 'save', type: 'submit', 'data-testid': 'widget-save' }, words.save);
  const problem = h('p', { class: 'mend', role: 'alert' });
  return h('form', {
    class: 'details', 'data-testid': 'widget-details',
    onsubmit: (event: Event) => {
      event.preventDefault();
      button.disabled = true;
      save(name.value.trim(), email.value.trim()).catch(() => {
        button.disabled = false;
        problem.textContent = `${words.failed} · ${words.retry}`;
      });
    },
  }, h('strong', {}, words.reach), name, email, button, problem);
}
