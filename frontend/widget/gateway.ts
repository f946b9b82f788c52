import type { components } from '../src/shared/api/schema.gen';
import type { Keeper, Pending } from './kept';

type Schemas = components['schemas'];
export type Settings = Schemas['WebsiteView'];
export type Attachment = Schemas['VisitorAttachment'];
export type Message = Schemas['VisitorMessage'];
export type Thread = Schemas['VisitorThread'];

/** An answer that is no success. A status of 0: there was none. */
export class Refused extends Error {
  constructor(readonly status: number) {
    super(`status ${status}`);
  }
  /** The same request may succeed later. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const answerTime = 20_000;
const uploadTime = 300_000;

/** The gateway, as one visitor of one channel sees it. */
export function gateway(base: string, channel: string, kept: Keeper) {
  const here = `${base}/widget/${channel}`;

  async function ask(url: string, init: RequestInit = {}, time = answerTime): Promise<Response> {
    const { token } = kept.read();
    const headers = { ...(init.headers as Record<string, string>), ...(token && { Authorization: `Bearer ${token}` }) };
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), time);
    try {
      const answer = await fetch(url, { ...init, headers, credentials: 'omit', referrerPolicy: 'no-referrer', signal: late.signal });
      if (!answer.ok) throw new Refused(answer.status);
      return answer;
    } catch (cause) {
      throw cause instanceof Refused ? cause : new Refused(0);
    } finally {
      clearTimeout(timer);
    }
  }
  const json = async <T>(url: string, init?: RequestInit) => (await ask(url, init)).json() as Promise<T>;

  let starting: Promise<boolean> | null = null;
  /** Begins or goes on as a visitor; true: as a new one. */
  const start = () =>
    (starting ??= (async () => {
      const answer = await json<Schemas['VisitorView']>(`${here}/visitor`, { method: 'POST' });
      kept.change((k) => {
        Object.assign(k, { token: answer.token, visitor: answer.visitor, filesToken: answer.files_token });
        if (answer.new) delete k.page;
      });
      return answer.new;
    })().finally(() => (starting = null)));

  /** Calls the gateway as the visitor; a token that is no longer good is replaced once. */
  async function asVisitor<T>(call: () => Promise<T>): Promise<T> {
    if (!kept.read().token) await start();
    try {
      return await call();
    } catch (cause) {
      if (!(cause instanceof Refused) || cause.status !== 401) throw cause;
      await start();
      return call();
    }
  }

  /** Hands over what the visitor did. It is safe there when this returns. */
  const report = (events: object[], page?: object) =>
    asVisitor(() =>
      ask(`${base}/webhooks/widget/${channel}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ visitor: kept.read().visitor, page, events }),
        keepalive: true,
      }),
    );

  return {
    start,
    settings: () => json<Settings>(here),
    history: (before = '') => asVisitor(() => json<Thread>(`${here}/messages${before && `?before=${encodeURIComponent(before)}`}`)),
    report,
    async send(p: Pending) {
      const url = location.href.split('#')[0] ?? '';
      const page = kept.read().page === url ? undefined : { url, title: document.title, referrer: document.referrer };
      await report([{ type: 'message', id: p.id, text: p.text, files: p.files.map((f) => f.id) }], page);
      kept.change((k) => (k.page = url));
    },
    upload: (file: File) =>
      asVisitor(async () => {
        const body = new FormData();
        body.append('file', file, file.name || 'image.png');
        const answer = await ask(`${here}/media`, { method: 'POST', body }, uploadTime);
        return (await answer.json()) as Pending['files'][number];
      }),
    fileURL: (message: string, attachment: string, thumbnail = false) =>
      `${here}/messages/${message}/media/${attachment}${thumbnail ? '/thumbnail' : ''}?token=${kept.read().filesToken ?? ''}`,
    socketURL: (since: number, epoch: string) =>
      `${here.replace(/^http/, 'ws')}/ws?token=${kept.read().token ?? ''}${epoch && `&since=${since}&epoch=${encodeURIComponent(epoch)}`}`,
  };
}

export type Gateway = ReturnType<typeof gateway>;
