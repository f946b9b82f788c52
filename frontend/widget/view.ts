import type { Chat, Upload } from './chat';
import { h, icon } from './dom';
import { detailsForm, dayOf, row, type Line } from './rows';
import { directionOf, type Language, wordsOf } from './words';
import css from './style.css?inline';

const dark = (page: Element): boolean => {
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  if (scheme.includes('dark') && (!scheme.includes('light') || matchMedia('(prefers-color-scheme: dark)').matches)) return true;
  const [r = 255, g = 255, b = 255, a = 1] = (getComputedStyle(page).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
  return a > 0.5 && 0.299 * r + 0.587 * g + 0.114 * b < 100;
};

/** Black or white, whichever reads better on the colour. */
export function inkOn(colour: string): string {
  const [r = 0, g = 0, b = 0] = (colour.slice(1).match(/../g) ?? []).map((part) => (parseInt(part, 16) / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.36 ? '#000' : '#fff';
}

const near = 80;

/** Draws the chat into a shadow of its own, where neither the page's styles nor its scripts meet it by accident. */
export function view(language: Language, fileURL: (message: string, attachment: string, thumbnail?: boolean) => string) {
  const words = wordsOf(language);
  let chat: Chat;
  const host = h('div', { id: 'wasl-chat', lang: language, dir: directionOf(language) });
  const shadow = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets = [sheet];

  const badge = h('span', { class: 'badge', hidden: true, 'data-testid': 'widget-badge' });
  const button = h('button', { class: 'launch', type: 'button', 'aria-expanded': 'false', 'data-testid': 'widget-button', onclick: () => toggle(!chat.state.open) }, icon('chat', 26), badge);
  const title = h('h2', { id: 'title' });
  const status = h('p', { class: 'status' });
  const close = h('button', { class: 'plain', type: 'button', 'aria-label': words.close, 'data-testid': 'widget-close', onclick: () => toggle(false) }, icon('close'));
  const earlier = h('button', { class: 'earlier', type: 'button', hidden: true, onclick: () => void loadEarlier() }, words.earlier);
  const greeting = h('p', { class: 'bubble greeting', dir: 'auto' });
  const list = h('ol', {});
  const after = h('div', {});
  const typing = h('p', { class: 'typing', hidden: true, 'data-testid': 'widget-typing' }, h('span', { class: 'hidden' }, words.typing), h('i'), h('i'), h('i'));
  const log = h('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-label': words.messages, tabindex: '0' }, earlier, greeting, list, typing, after);
  const input = h('textarea', { rows: '1', maxlength: '10000', 'aria-label': words.write, placeholder: words.write, dir: directionOf(language), 'data-testid': 'widget-input' });
  const files = h('input', { type: 'file', multiple: true, hidden: true, 'data-testid': 'widget-file', onchange: () => {
    chat.attach(files.files ?? []);
    files.value = '';
  } });
  const attach = h('button', { class: 'plain', type: 'button', 'aria-label': words.attach, onclick: () => files.click() }, icon('attach'));
  const send = h('button', { class: 'send', type: 'submit', 'aria-label': words.send, 'data-testid': 'widget-send' }, icon('send'));
  const form = h('form', { class: 'compose', onsubmit: submit }, attach, files, input, send);
  const panel = h('section', { class: 'panel', role: 'dialog', 'aria-labelledby': 'title', hidden: true, 'data-testid': 'widget-panel', onkeydown: keys },
    h('header', {}, h('div', {}, title, status), close), log, form);
  const root = h('div', { class: 'root' }, panel, button);
  shadow.append(root);

  function submit(event: Event) {
    event.preventDefault();
    if (!input.value.trim()) return;
    chat.send(input.value);
    chat.types(false);
    input.value = '';
    grow();
    atEnd = true;
    toEnd();
  }
  function grow() {
    input.dir = input.value ? 'auto' : directionOf(language);
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight, 132)}px`;
  }
  input.addEventListener('input', () => {
    grow();
    chat.types(input.value.trim() !== '');
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
  });
  panel.addEventListener('paste', (event) => {
    const pasted = event.clipboardData?.files;
    if (!pasted?.length) return;
    event.preventDefault();
    chat.attach(pasted);
  });
  panel.addEventListener('dragover', (event) => event.preventDefault());
  panel.addEventListener('drop', (event) => {
    event.preventDefault();
    chat.attach(event.dataTransfer?.files ?? []);
  });

  /** Escape closes; Tab stays inside. */
  function keys(event: KeyboardEvent) {
    event.stopPropagation(); // the page's own shortcuts are not meant
    if (event.key === 'Escape') return toggle(false);
    if (event.key !== 'Tab') return;
    const stops = [...panel.querySelectorAll<HTMLElement>('button, a[href], input, textarea, [tabindex="0"]')].filter((e) => e.offsetParent !== null && !e.hidden);
    const [first, last] = [stops[0], stops.at(-1)];
    const to = event.shiftKey && shadow.activeElement === first ? last : !event.shiftKey && shadow.activeElement === last ? first : null;
    if (!to) return;
    event.preventDefault();
    to.focus();
  }

  function toggle(open: boolean) {
    chat.show(open);
    (open ? input : button).focus();
    if (open) {
      atEnd = true;
      toEnd();
    }
  }

  async function loadEarlier() {
    const from = log.scrollHeight - log.scrollTop;
    earlier.disabled = true;
    await chat.earlier().catch(() => undefined);
    earlier.disabled = false;
    log.scrollTop = log.scrollHeight - from;
  }

  // Whoever is at the end stays there when something comes, or a picture gets its height.
  let atEnd = true;
  const toEnd = () => {
    if (atEnd) log.scrollTop = log.scrollHeight;
  };
  log.addEventListener('scroll', () => (atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < near));
  const sizes = new ResizeObserver(toEnd);
  for (const part of [log, list, after]) sizes.observe(part);

  const rows = new Map<string, { key: string; element: HTMLElement }>();
  /** Brings the list to what is known, and touches only what is different. */
  function fill(lines: Line[]) {
    const wanted: HTMLElement[] = [];
    const alive = new Set<string>();
    for (const line of lines) {
      const key = JSON.stringify(line);
      let known = rows.get(line.id);
      if (known?.key !== key) {
        known = { key, element: row(line, { words, language, fileURL, retry: chat.retry, drop: chat.drop }) };
        rows.set(line.id, known);
      }
      alive.add(line.id);
      wanted.push(known.element);
    }
    for (const id of rows.keys()) if (!alive.has(id)) rows.delete(id);
    wanted.forEach((element, n) => {
      if (list.children[n] !== element) list.insertBefore(element, list.children[n] ?? null);
    });
    while (list.children.length > wanted.length) list.lastChild?.remove();
  }

  let formShown = '';
  function draw() {
    const { state } = chat;
    const { settings } = state;
    root.dataset.theme = dark(document.body) ? 'dark' : 'light';
    if (settings.colour) {
      root.style.setProperty('--accent', settings.colour);
      root.style.setProperty('--on-accent', inkOn(settings.colour));
    }
    const unread = state.open ? 0 : chat.unread();
    badge.hidden = unread === 0;
    badge.textContent = unread > 9 ? '9+' : `${unread}`;
    button.setAttribute('aria-label', unread ? `${words.open} (${unread})` : state.open ? words.close : words.open);
    button.setAttribute('aria-expanded', `${state.open}`);
    panel.hidden = !state.open;
    title.textContent = settings.title;
    status.textContent = settings.online ? words.here : words.away;
    status.dataset.online = `${settings.online}`;
    greeting.hidden = !settings.greeting || state.more;
    greeting.textContent = settings.greeting;
    earlier.hidden = !state.more;
    typing.hidden = !state.typing;
    fill(linesOf(chat));
    const asks = !settings.online && state.reachable === 'unknown' && (state.messages.length > 0 || state.outbox.length > 0);
    const wantedForm = asks ? 'form' : state.reachable === 'asked' ? 'thanks' : '';
    if (wantedForm !== formShown) {
      formShown = wantedForm;
      after.replaceChildren(...(asks ? [detailsForm(words, chat.introduce)] : wantedForm ? [h('p', { class: 'thanks' }, words.saved)] : []));
    }
    toEnd();
  }

  return {
    draw,
    show(mine: Chat) {
      chat = mine;
      draw();
      document.body.append(host);
    },
  };
}

/** Messages, then what is on its way, with the days between them. */
function linesOf(chat: Chat): Line[] {
  const { messages, outbox, uploads, readTo } = chat.state;
  const readUpTo = messages.findLastIndex((m) => m.client_id !== undefined && m.client_id === readTo);
  const lines: Line[] = messages.map((message, n) => ({ id: message.client_id ?? message.id, day: dayOf(message.sent_at), message, read: n <= readUpTo }));
  for (const p of outbox) lines.push({ id: p.id, day: '', pending: p, offline: !navigator.onLine });
  for (const { id, name, problem } of uploads as Upload[]) lines.push({ id, day: '', upload: { name, problem } });
  let day = '';
  return lines.flatMap((line) => {
    if (!line.day || line.day === day) return [line];
    day = line.day;
    return [{ id: `day ${day}`, day, separator: true }, line];
  });
}
