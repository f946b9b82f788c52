import type { ClientFrame, EventFrame, Frame, SignalFrame } from '~/shared/api/frames';
import { noteServerTime } from './serverClock';

/** connecting: first try; live; reconnecting: lost, trying again; offline: the device has no network. */
export type Connection = 'connecting' | 'live' | 'reconnecting' | 'offline';

export interface SocketHandlers {
  frame: (frame: EventFrame | SignalFrame) => void;
  /** The server could not replay what was missed: everything on screen must be loaded again. */
  reload: () => void;
  connection: (state: Connection) => void;
  /** A handshake failed, which hides the reason: ask REST whether we are still signed in. */
  refused: () => void;
}

const pingEvery = 20_000;
const pongWithin = 10_000;
const slowest = 15_000;

/** The wait before try n (from 0): doubling from 0.5 s to 15 s, with half of it random so that a restarted server is not stormed. */
export function backoff(attempt: number, random = Math.random()): number {
  const full = Math.min(slowest, 500 * 2 ** attempt);
  return full / 2 + (full / 2) * random;
}

/**
 * LiveSocket keeps one socket to the gateway. It remembers the last seq and epoch, asks for what was missed when it
 * comes back, drops what it has already seen, and notices a dead line by its own ping.
 */
export class LiveSocket {
  private socket: WebSocket | null = null;
  private seq = 0;
  private epoch = '';
  private attempt = 0;
  private stopped = true;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private heart: ReturnType<typeof setTimeout> | undefined;
  private readonly address: () => string;
  private readonly on: SocketHandlers;

  constructor(on: SocketHandlers, address = () => `${location.origin.replace(/^http/, 'ws')}/api/v1/ws`) {
    this.on = on;
    this.address = address;
  }

  start(): void {
    this.stopped = false;
    window.addEventListener('online', this.wake);
    window.addEventListener('offline', this.sleep);
    document.addEventListener('visibilitychange', this.wake);
    this.on.connection(navigator.onLine ? 'connecting' : 'offline');
    this.open();
  }

  stop(): void {
    this.stopped = true;
    window.removeEventListener('online', this.wake);
    window.removeEventListener('offline', this.sleep);
    document.removeEventListener('visibilitychange', this.wake);
    this.drop();
  }

  send(frame: ClientFrame): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  /** Try at once: the network came back, the tab is looked at again, or the agent pressed the button. */
  readonly wake = (): void => {
    if (this.stopped || this.socket || document.hidden) return;
    this.attempt = 0;
    this.open();
  };

  private readonly sleep = (): void => {
    this.drop();
    this.on.connection('offline');
  };

  private open(): void {
    clearTimeout(this.timer);
    const resume = this.epoch ? `?${new URLSearchParams({ since: String(this.seq), epoch: this.epoch })}` : '';
    const socket = new WebSocket(this.address() + resume);
    let greeted = false;
    this.socket = socket;
    socket.onmessage = (event) => {
      if (this.socket !== socket) return;
      greeted = true;
      this.receive(JSON.parse(String(event.data)) as Frame);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.drop();
      if (!greeted) this.on.refused();
      this.again();
    };
  }

  private again(): void {
    if (this.stopped) return;
    this.on.connection(navigator.onLine ? 'reconnecting' : 'offline');
    this.timer = setTimeout(() => this.open(), backoff(this.attempt++));
  }

  private receive(frame: Frame): void {
    this.beat();
    switch (frame.type) {
      case 'pong':
        return;
      case 'hello': {
        const fresh = this.epoch === '';
        noteServerTime(frame.at);
        this.attempt = 0;
        this.epoch = frame.epoch;
        if (fresh || !frame.data.resumed) this.seq = frame.seq;
        this.on.connection('live');
        if (!fresh && !frame.data.resumed) this.on.reload();
        return;
      }
      case 'typing':
      case 'viewing':
      case 'lock':
      case 'view.counts':
        this.on.frame(frame);
        return;
      default:
        if (frame.seq === undefined) return; // a signal that this version does not use
        if (frame.epoch === this.epoch && frame.seq <= this.seq) return;
        this.seq = frame.seq;
        this.epoch = frame.epoch;
        this.on.frame(frame);
    }
  }

  /** Restarts the heartbeat: a ping after a quiet while, and the end of the socket when nothing answers. */
  private beat(): void {
    clearTimeout(this.heart);
    this.heart = setTimeout(() => {
      this.send({ type: 'ping' });
      this.heart = setTimeout(() => {
        this.drop();
        this.again();
      }, pongWithin);
    }, pingEvery);
  }

  private drop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.heart);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}
