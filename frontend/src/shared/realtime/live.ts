/** Joins socket, funnel and store, and lets the rest of the app hear what came in. */
import type { ClientFrame, EventFrame, SignalFrame } from '~/shared/api/frames';
import { applyFrames, lapseTyping } from './apply';
import { conversations } from './conversations';
import { Funnel } from './funnel';
import { LiveSocket } from './socket';
import { useLive } from './store';

export type Listener = {
  /** Frames that were just applied to the store. */
  frames?: (frames: (EventFrame | SignalFrame)[]) => void;
  /** What is on screen may be out of date: load it again. */
  reload?: () => void;
  /** The line came (back) up. */
  up?: () => void;
  refused?: () => void;
};

const listeners = new Set<Listener>();
let socket: LiveSocket | null = null;
let lapse: ReturnType<typeof setInterval> | undefined;
let greeting: { promise: Promise<void>; resolve: () => void; done: boolean; late: boolean } | null = null;

/** How long the first load waits for the socket, so that nothing falls between the two. */
const greetingWithin = 1000;

export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

const tell = (kind: 'reload' | 'up' | 'refused') => listeners.forEach((l) => l[kind]?.());

const funnel = new Funnel(
  (frames) => {
    useLive.setState((s) => applyFrames(s, conversations, frames, Date.now()));
    listeners.forEach((l) => l.frames?.(frames));
  },
  () => useLive.getState().openId,
);

/** The gateway pushes nothing to other devices while the app is on a screen: it rings there. */
const tellVisible = () => sendFrame({ type: 'visible', data: { visible: document.visibilityState === 'visible' } });

function connected(): void {
  if (greeting && !greeting.done) {
    greeting.done = true;
    greeting.resolve();
    // Screens that could not wait loaded before the socket heard anything: events between the two are missing.
    if (greeting.late) tell('reload');
  }
  const { openId, watching } = useLive.getState();
  if (openId && !watching) sendFrame({ type: 'viewing', data: { conversation_id: openId } });
  tellVisible();
  tell('up');
}

export function startLive(): void {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  greeting = { promise, resolve, done: false, late: false };
  socket = new LiveSocket({
    frame: (frame) => funnel.push(frame),
    reload: () => {
      funnel.clear();
      tell('reload');
    },
    connection: (connection) => {
      useLive.setState(connection === 'live' ? { connection } : { connection, typing: {}, viewing: {} });
      if (connection === 'live') connected();
    },
    refused: () => tell('refused'),
  });
  socket.start();
  document.addEventListener('visibilitychange', tellVisible);
  lapse = setInterval(() => {
    const typing = lapseTyping(useLive.getState().typing, Date.now());
    if (typing !== useLive.getState().typing) useLive.setState({ typing });
  }, 1000);
}

export function stopLive(): void {
  clearInterval(lapse);
  document.removeEventListener('visibilitychange', tellVisible);
  socket?.stop();
  socket = null;
  greeting = null;
  funnel.clear();
}

/** Resolves when the socket hears events, or after a moment without it. First loads wait for this. */
export async function whenLive(): Promise<void> {
  const mine = greeting;
  if (!mine || mine.done) return;
  await Promise.race([mine.promise, new Promise<void>((resolve) => setTimeout(resolve, greetingWithin))]);
  if (!mine.done) mine.late = true;
}

/** Loads a part of the app that shows itself; what cannot be had without a line comes when that is back, and nothing is lost over it. */
export async function whenThere<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch {
    await new Promise<void>((resolve) => {
      const off = listen({
        up: () => {
          off();
          resolve();
        },
      });
    });
    return whenThere(load);
  }
}

export const sendFrame = (frame: ClientFrame) => socket?.send(frame);

/** Tries the line at once, for the button in the banner. */
export const reconnect = () => socket?.wake();
