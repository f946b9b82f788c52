/** A stand-in gateway inside the browser test: enough REST and socket for the screens, with levers for what may go wrong. */
import { test as base, type Locator, type Page, type Route, type WebSocketRoute } from '@playwright/test';
import type { Channel, Conversation, DeadLetter, Discarded, FailedMessage, Job, Me, Message, NewMessage, Team } from '../src/shared/api/types';
import { activitiesOf, agents, ago, board, channels, contactOf, conversations, deadLetters, lifelines, me, messagesOf, now, teams, users, usualWork } from './samples';

interface Bulk {
  ids: string[];
  actions: { action: string }[];
}

export class Gateway {
  signedIn = true;
  /** While true nothing gets through: neither requests nor sockets. */
  cut = false;
  posts: NewMessage[] = [];
  bulks: Bulk[] = [];
  job?: Job;
  me: Me = structuredClone(me);
  conversations: Conversation[] = structuredClone(conversations);
  deadLetters: DeadLetter[] = structuredClone(deadLetters);
  discarded: Discarded[] = [];
  failed: FailedMessage[] = [];
  channels: Channel[] = structuredClone(channels);
  teams: Team[] = structuredClone(teams);
  /** Answers of the next requests whose path matches, by hand. */
  /** How many messages a conversation gives at once. */
  pageSize = 50;
  failures: { path: RegExp; status: number; body: object }[] = [];
  private seq = 10;
  private sockets: WebSocketRoute[] = [];
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async install(ownTimers: boolean): Promise<void> {
    await (ownTimers ? this.page.clock.install({ time: now }) : this.page.clock.setFixedTime(now));
    await this.page.route('**/api/v1/**', (route) => this.answer(route));
    await this.page.routeWebSocket('**/api/v1/ws*', (socket) => {
      if (this.cut) return socket.close();
      this.sockets.push(socket);
      socket.onMessage((text) => {
        if (JSON.parse(String(text)).type === 'ping') socket.send(JSON.stringify({ type: 'pong' }));
      });
      socket.send(JSON.stringify({ type: 'hello', seq: this.seq, epoch: 'e1', at: ago(0), data: { resumed: true } }));
    });
  }

  event(type: string, data: object): void {
    const frame = JSON.stringify({ type, seq: ++this.seq, epoch: 'e1', at: ago(0), data });
    for (const socket of this.sockets) socket.send(frame);
  }

  /** Makes the viewer an agent who sees only their own conversations, which the gateway says on the open sockets. */
  demote(): void {
    this.me.user = { ...this.me.user, role: 'agent' };
    this.conversations = this.conversations.filter((c) => c.assignee_id === this.me.user.id);
    const frame = JSON.stringify({ type: 'hello', seq: ++this.seq, epoch: 'e1', at: ago(0), data: { resumed: false } });
    for (const socket of this.sockets) socket.send(frame);
  }

  signal(type: string, data: object): void {
    for (const socket of this.sockets) socket.send(JSON.stringify({ type, data }));
  }

  async dropLine(): Promise<void> {
    this.cut = true;
    const sockets = this.sockets.splice(0);
    await Promise.all(sockets.map((socket) => socket.close({ code: 1001 })));
  }

  private async answer(route: Route): Promise<void> {
    if (this.cut) return route.abort('connectionrefused');
    const request = route.request();
    const url = new URL(request.url());
    const path = url.pathname.replace('/api/v1', '');
    const failing = this.failures.findIndex((f) => f.path.test(path));
    const failure = this.failures.splice(failing, failing < 0 ? 0 : 1)[0];
    if (failure) return route.fulfill({ status: failure.status, json: failure.body, contentType: 'application/problem+json' });
    const body: unknown = request.postData() && request.headers()['content-type']?.includes('json') ? request.postDataJSON() : undefined;
    if (path === '/auth/login') {
      this.signedIn = (body as { password: string }).password === 'right';
      return this.signedIn ? route.fulfill({ json: me }) : route.fulfill({ status: 401, json: { code: 'bad_credentials', title: 'Unauthorized' } });
    }
    if (!this.signedIn) return route.fulfill({ status: 401, json: { code: 'unauthorized', title: 'Unauthorized' } });
    const result = this.handle(request.method(), path, url.searchParams, body);
    await route.fulfill(result === undefined ? { status: 404, json: { code: 'not_found', title: 'Not found' } } : { json: result });
  }

  private handle(method: string, path: string, query: URLSearchParams, body: unknown): unknown {
    if (path === '/me') return this.me;
    if (path === '/users') return { items: users };
    if (path === '/queues') return { items: [{ team_id: 'tem_2', length: 4, oldest_at: ago(12), by_priority: { high: 1, none: 3 } }], next_cursor: '' };
    if (path.startsWith('/teams')) return this.team(method, path.split('/')[2], body as Team);
    if (path === '/board') return { ...board, ...(query.get('at') && { at: query.get('at'), channels: [] }) };
    if (path === '/agents') return { items: agents };
    if (path === '/channels') return method === 'POST' ? this.connect(body as Channel) : { items: this.channels };
    if (path.startsWith('/failed-messages')) return this.unsent(method, path);
    if (path.startsWith('/dead-letters')) return this.dead(method, path, query);
    if (path.endsWith('/lifeline')) return lifelines[this.isOut(path.split('/')[2] ?? '') ? 'out' : 'in'];
    if (path === '/search') return this.search(query.get('q') ?? '');
    if (path === '/conversations/bulk') return this.bulk(body as Bulk);
    if (path.startsWith('/jobs/')) return this.job;
    if (path === '/conversations/counts') return this.counts();
    if (path === '/conversations') return this.list(query);
    const contact = /^\/contacts\/(\w+)$/.exec(path)?.[1];
    if (contact) return { ...contactOf(contact), ...(body as object) };
    if (/^\/contacts\/\w+\/suggestions$/.test(path)) return { items: [] };
    const [, id = '', rest = ''] = /^\/conversations\/(\w+)(.*)$/.exec(path) ?? [];
    const conversation = this.conversations.find((c) => c.id === id);
    return conversation && this.conversation(conversation, `${method} ${rest}`, query, body);
  }

  /** Does it to the first at once; the rest is done when the test says so. */
  private bulk({ ids, actions }: Bulk): { job_id: string; undo_token: string } {
    this.bulks.push({ ids, actions });
    this.job = { id: 'wrk_1', kind: 'bulk', state: 'running', done: 1, total: ids.length, refused: 0, errors: [], created_at: ago(0) };
    return { job_id: 'wrk_1', undo_token: 'und_1' };
  }

  private assign(c: Conversation, { agent_id = c.assignee_id, team_id = c.team_id }: { agent_id?: string | null; team_id?: string | null }): Conversation {
    return Object.assign(c, { assignee_id: agent_id, team_id, updated_at: ago(0) });
  }

  private team(method: string, id: string | undefined, body: Partial<Team>): unknown {
    const team = this.teams.find((one) => one.id === id);
    if (!id && method === 'GET') return { items: this.teams, next_cursor: '' };
    if (!id) this.teams.push({ id: `tem_${this.teams.length + 1}`, name: '', member_ids: [], version: 1, ...usualWork, ...body });
    if (method === 'DELETE') this.teams = this.teams.filter((one) => one !== team);
    if (method === 'PATCH' && team) Object.assign(team, body, { version: team.version + 1 });
    return team ?? this.teams.at(-1);
  }

  private connect(channel: Channel): Channel {
    const made = { ...(this.channels[0] as Channel), ...channel, id: `chn_${this.channels.length + 1}`, last_inbound_at: null };
    this.channels.push(made);
    return made;
  }

  private isOut(id: string): boolean {
    return this.conversations.some((c) => messagesOf(c.id).some((m) => m.id === id && m.direction === 'out'));
  }

  private unsent(method: string, path: string): unknown {
    const [, , id = ''] = path.split('/');
    if (!id) return { items: this.failed };
    if (id === 'count') return { count: this.failed.length };
    const sure = this.failed.filter((f) => f.message.status === 'failed');
    this.failed = this.failed.filter((f) => (id === 'retry' ? !sure.includes(f) : f.message.id !== id));
    return method === 'DELETE' ? {} : { retried: sure.length };
  }

  private dead(method: string, path: string, query: URLSearchParams): unknown {
    const chosen = this.deadLetters.filter((l) => (!query.get('kind') || l.kind === query.get('kind')) && (!query.get('channel') || l.channel_id === query.get('channel')));
    const [, , id = '', what = ''] = path.split('/');
    if (!id) return { items: chosen };
    if (id === 'count') return { count: this.deadLetters.length };
    if (id === 'discarded') return { items: this.discarded };
    const gone = method === 'POST' && id === 'replay' ? chosen : this.deadLetters.filter((l) => l.id === id);
    this.deadLetters = this.deadLetters.filter((l) => !gone.includes(l));
    if (method === 'DELETE') this.discarded = gone.map((letter) => ({ letter, by: { type: 'agent', id: 'usr_1', name: 'Dana Cohen' }, at: ago(0) }));
    return what || method === 'DELETE' ? (gone[0] ?? {}) : { replayed: gone.length };
  }

  private conversation(c: Conversation, what: string, query: URLSearchParams, body: unknown): unknown {
    switch (what) {
      case 'GET ':
        return c;
      case 'PATCH ':
        return Object.assign(c, body, { updated_at: ago(0) });
      case 'POST /assign':
        return this.assign(c, body as { agent_id?: string | null; team_id?: string | null });
      case 'POST /read':
        return Object.assign(c, { unread_count: 0 });
      case 'POST /unread':
        return Object.assign(c, { unread_count: 1, updated_at: ago(0) });
      case 'GET /activity':
        return { items: activitiesOf(c.id), next_cursor: '' };
      case 'GET /draft':
        return { text: '', mode: 'reply' };
      case 'PUT /draft':
        return body;
      case 'GET /messages':
        return { items: query.has('before') ? [] : messagesOf(c.id, Math.max(60, this.pageSize)).slice(0, this.pageSize) };
      case 'POST /messages':
        return this.take(c, body as NewMessage);
      default:
        return undefined;
    }
  }

  private take(c: Conversation, post: NewMessage): Message {
    this.posts.push(post);
    const sample = messagesOf(c.id, 1)[0] as Message;
    return { ...sample, id: `msg_new_${post.client_id}`, client_id: post.client_id, direction: 'out', type: post.type, text: post.text ?? '', status: 'queued', author: { type: 'agent', id: 'usr_1', name: 'Dana Cohen' }, sent_at: ago(0), created_at: ago(0) };
  }

  private list(query: URLSearchParams): unknown {
    const status = query.get('status')?.split(',');
    const items = this.conversations.filter(
      (c) =>
        (!status || status.includes(c.status)) &&
        (query.get('assignee') !== 'me' || c.assignee_id === me.user.id) &&
        (query.get('assignee') !== 'none' || !c.assignee_id) &&
        (!query.has('channel') || c.channel_id === query.get('channel')) &&
        (!query.has('contact') || c.contact.id === query.get('contact')) &&
        (!query.has('unread') || c.unread_count > 0),
    );
    const from = Number(query.get('cursor') ?? 0);
    const next = from + Number(query.get('limit') ?? 50);
    return { items: items.slice(from, next), next_cursor: next < items.length ? String(next) : '' };
  }

  private counts(): unknown {
    const live = this.conversations.filter((c) => c.status === 'open' || c.status === 'pending');
    return {
      all: live.length, mine: live.filter((c) => c.assignee_id === me.user.id).length, unassigned: live.filter((c) => !c.assignee_id).length,
      unread: live.filter((c) => c.unread_count > 0).length, pending: live.filter((c) => c.status === 'pending').length, snoozed: 0,
    };
  }

  private search(q: string): unknown {
    const marked = (field: string, text: string) => {
      const start = text.toLowerCase().indexOf(q.toLowerCase());
      return [{ field, text, marks: start < 0 ? [] : [{ start, end: start + q.length }] }];
    };
    const has = (text: string) => text.toLowerCase().includes(q.toLowerCase());
    const some = this.conversations.slice(0, 10);
    const messages = some.flatMap((conversation) => {
      const message = messagesOf(conversation.id, 10).find(({ text }) => has(text));
      return message ? [{ message, conversation, highlights: marked('text', message.text) }] : [];
    });
    const contacts = some
      .map((c) => contactOf(c.contact.id))
      .filter(({ name }) => has(name))
      .map((c) => ({ ...c, highlights: marked('name', c.name) }));
    return { messages, contacts, notes: [], files: [], canned_replies: [], next_cursor: '', cursors: {} };
  }
}

/** ownTimers false: timers and frames are the browser's own, which is what can be measured. */
export const test = base.extend<{ gateway: Gateway; ownTimers: boolean }>({
  ownTimers: [true, { option: true }],
  gateway: async ({ page, ownTimers }, use) => {
    const gateway = new Gateway(page);
    await gateway.install(ownTimers);
    await use(gateway);
  },
});

/** Sets the language and the colours before the app starts. */
export async function prefer(page: Page, language: string, scheme: 'light' | 'dark' = 'light'): Promise<void> {
  await page.addInitScript(
    ([l, s]) => {
      localStorage.setItem('wasl.language', l as string);
      localStorage.setItem('mantine-color-scheme-value', s as string);
      localStorage.setItem('wasl.notify', JSON.stringify({ sound: 'mine', desktop: false, tested: true }));
    },
    [language, scheme],
  );
}

/** Opens the life-line of a message. */
export async function trace(message: Locator): Promise<void> {
  await message.focus();
  await message.locator('..').getByTestId('message-lifeline').click();
}

export { expect } from '@playwright/test';
