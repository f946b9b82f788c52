import { Refused, type Gateway, type Message, type Settings, type Thread } from './gateway';
import type { Keeper, Pending } from './kept';
import { listen, type Frame } from './socket';

export interface Upload {
  id: string;
  name: string;
  problem: '' | 'tooLarge' | 'failed';
  file: File;
}

/** All that is shown. */
export interface State {
  settings: Settings;
  open: boolean;
  /** Oldest first. */
  messages: Message[];
  outbox: Pending[];
  uploads: Upload[];
  more: boolean;
  readTo: string;
  typing: boolean;
  reachable: 'unknown' | 'asked' | 'known';
}

const maxFile = 25 * 1024 * 1024;
const typingLasts = 6000;
const typingEvery = 3000;
const takenLasts = 60_000;
const newId = () => (crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`);

const inOrder = (a: Message, b: Message) => a.sent_at.localeCompare(b.sent_at) || a.seq - b.seq;

/** One visitor's conversation: what is known of it, and what can be done. `changed` is called after every change. */
export function chat(gateway: Gateway, kept: Keeper, settings: Settings, changed: () => void) {
  const state: State = {
    settings, open: false, messages: [], outbox: kept.read().outbox ?? [], uploads: [], more: false, readTo: '', typing: false,
    reachable: kept.read().reachable ? 'known' : 'unknown',
  };
  const told = { delivered: new Set<string>(), read: new Set<string>() };
  let typingEnds: ReturnType<typeof setTimeout> | undefined;

  const keepOutbox = (edit: (outbox: Pending[]) => Pending[]) => {
    state.outbox = kept.change((k) => (k.outbox = edit(k.outbox ?? []))).outbox ?? [];
  };
  const settle = () => {
    const here = new Set(state.messages.map((m) => m.client_id));
    keepOutbox((all) => all.filter((p) => !here.has(p.id) && !(p.state === 'taken' && Date.now() - p.at > takenLasts)));
  };

  function take(messages: Message[]) {
    const byId = new Map(state.messages.map((m) => [m.id, m]));
    for (const m of messages) byId.set(m.id, m);
    state.messages = [...byId.values()].sort(inOrder);
    settle();
    changed();
    acknowledge();
  }

  const visible = () => state.open && document.visibilityState === 'visible';
  let waits = false;
  /** Reports what has come, and what has been seen. */
  function acknowledge() {
    if (waits) return;
    waits = true;
    setTimeout(() => {
      waits = false;
      for (const status of ['delivered', 'read'] as const) {
        if (status === 'read' && !visible()) break;
        const already = status === 'read' ? ['read'] : ['read', 'delivered'];
        const ids = state.messages.filter((m) => m.from === 'us' && !already.includes(m.status) && !told[status].has(m.id)).map((m) => m.id).slice(-100);
        if (ids.length === 0) continue;
        for (const id of ids) told[status].add(id);
        gateway.report([{ type: 'receipt', status, messages: ids }]).catch(() => {
          for (const id of ids) told[status].delete(id);
        });
      }
      changed();
    }, 150);
  }

  function heard({ type, data }: Frame) {
    switch (type) {
      case 'message.created':
      case 'message.updated':
        state.typing = false;
        return take([data as Message]);
      case 'conversation.updated':
        state.readTo = (data as Thread).read_to ?? state.readTo;
        return changed();
      case 'typing':
        state.typing = (data as { typing: boolean }).typing;
        clearTimeout(typingEnds);
        typingEnds = setTimeout(() => {
          state.typing = false;
          changed();
        }, typingLasts);
        return changed();
    }
  }

  async function load() {
    try {
      const thread = await gateway.history();
      state.messages = [];
      state.more = thread.more;
      state.readTo = thread.read_to ?? '';
      take(thread.items);
    } catch {
      setTimeout(() => void load(), 5000);
    }
  }

  let say: (frame: Frame) => void = () => undefined;
  let saidTyping = 0;
  let begun = false;
  /** Becomes a visitor, or the one from before, and listens. */
  async function begin() {
    if (begun) return;
    begun = true;
    try {
      await gateway.start();
      say = listen(gateway.socketURL, { frame: heard, reload: () => void load() });
      void load(); // where sockets are forbidden there is still a history
    } catch {
      begun = false;
      setTimeout(() => void begin(), 10_000);
    }
  }

  let flushing = false;
  let pause = 2000;
  /** Sends what waits, in order. */
  async function flush() {
    if (flushing) return;
    flushing = true;
    try {
      for (;;) {
        const next = kept.read().outbox?.find((p) => p.state === 'waiting');
        if (!next) return;
        let outcome: Pending['state'] = 'taken';
        try {
          await gateway.send(next);
          pause = 2000;
        } catch (cause) {
          if (!(cause instanceof Refused) || cause.passing) {
            setTimeout(() => void flush(), pause);
            pause = Math.min(2 * pause, 30_000);
            return;
          }
          outcome = 'failed';
        }
        keepOutbox((all) => all.map((p) => (p.id === next.id ? { ...p, state: outcome } : p)));
        settle();
        changed();
        void begin();
      }
    } finally {
      flushing = false;
    }
  }

  function put(text: string, files: Pending['files']) {
    keepOutbox((all) => [...all, { id: newId(), text, files, at: Date.now(), state: 'waiting' }]);
    changed();
    void flush();
  }

  let uploading: Promise<void> = Promise.resolve();
  /** Sends files one after the other, in the order in which they were chosen. */
  function upload(u: Upload) {
    u.problem = u.file.size > maxFile ? 'tooLarge' : '';
    changed();
    if (!u.problem) uploading = uploading.then(() => deliver(u));
  }
  async function deliver(u: Upload) {
    try {
      const stored = await gateway.upload(u.file);
      state.uploads = state.uploads.filter((other) => other !== u);
      put('', [stored]);
    } catch {
      u.problem = 'failed';
      changed();
    }
  }

  kept.watch(() => {
    state.outbox = kept.read().outbox ?? [];
    changed();
  });
  addEventListener('online', () => void flush());
  addEventListener('offline', changed);
  document.addEventListener('visibilitychange', acknowledge);
  if (kept.read().token) void begin();
  void flush();

  return {
    state,
    unread: () => state.messages.filter((m) => m.from === 'us' && m.status !== 'read' && !told.read.has(m.id)).length,
    show(open: boolean) {
      state.open = open;
      changed();
      if (!open) return;
      void begin();
      acknowledge();
      gateway.settings().then((now) => {
        state.settings = now;
        changed();
      }, () => undefined);
    },
    send: (text: string) => put(text.trim(), []),
    /** Shows those who answer that the visitor writes, or no longer does. */
    types(typing: boolean) {
      if (typing ? Date.now() - saidTyping < typingEvery : saidTyping === 0) return;
      saidTyping = typing ? Date.now() : 0;
      say({ type: 'typing', data: { typing } });
    },
    attach(files: Iterable<File>) {
      for (const file of files) {
        const u: Upload = { id: newId(), name: file.name, problem: '', file };
        state.uploads.push(u);
        upload(u);
      }
    },
    retry(id: string) {
      keepOutbox((all) => all.map((p) => (p.id === id ? { ...p, state: 'waiting' as const } : p)));
      const again = state.uploads.find((u) => u.id === id);
      if (again) upload(again);
      changed();
      void flush();
    },
    drop(id: string) {
      keepOutbox((all) => all.filter((p) => p.id !== id));
      state.uploads = state.uploads.filter((u) => u.id !== id);
      changed();
    },
    async earlier() {
      const thread = await gateway.history(state.messages[0]?.id);
      state.more = thread.more;
      take(thread.items);
    },
    async introduce(name: string, email: string) {
      await gateway.report([{ type: 'details', name, email }]);
      kept.change((k) => (k.reachable = true));
      state.reachable = 'asked';
      changed();
    },
  };
}

export type Chat = ReturnType<typeof chat>;
