/**
 * The right to write an answer: one person of a conversation has it, the others see what they write. The gateway decides who; it ends
 * there by itself some seconds after the last key.
 */
import { create } from 'zustand';
import { api, ApiError, bodyOf } from '~/shared/api/client';
import type { components } from '~/shared/api/schema.gen';
import { listen } from './live';
import { useLive } from './store';

type LockView = components['schemas']['LockView'];

/** Somebody else who writes. */
export interface Held {
  name: string;
  text: string;
  /** They took it from this person. */
  taken: boolean;
}

/** How long the right lasts after it was last heard of, and how often whoever writes says so, in milliseconds. */
export const lockLasts = 20_000;
const every = 2000;

const useLocks = create<{ of: Record<string, Held> }>()(() => ({ of: {} }));
const lapses = new Map<string, ReturnType<typeof setTimeout>>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();
/** What is written, and what of it the gateway was told. */
const texts = new Map<string, string>();
const told = new Map<string, string>();
/** Calls about one conversation follow one another. */
const calls = new Map<string, Promise<unknown>>();
const mine = new Set<string>();

/** Who else writes an answer in a conversation. */
export const useHeld = (id: string): Held | undefined => useLocks((s) => s.of[id]);

function show(id: string, held: Held | null): void {
  clearTimeout(lapses.get(id));
  lapses.delete(id);
  useLocks.setState((s) => {
    const { [id]: _, ...others } = s.of;
    return { of: held ? { ...others, [id]: held } : others };
  });
  if (held) lapses.set(id, setTimeout(() => show(id, null), lockLasts));
}

/** What the gateway says about a lock. */
export function hearLock({ conversation_id: id, user_id, name, text, took_from }: LockView): void {
  const me = useLive.getState().me?.user.id;
  if (!user_id || user_id === me) return show(id, null);
  const taken = mine.delete(id) || took_from === me || !!useLocks.getState().of[id]?.taken;
  show(id, { name, text, taken });
}

listen({ frames: (frames) => frames.forEach((frame) => frame.type === 'lock' && hearLock(frame.data)) });

function call(id: string, work: () => Promise<void>): Promise<void> {
  const done = (calls.get(id) ?? Promise.resolve()).then(work);
  calls.set(id, done);
  return done;
}

async function ask(id: string, take_over: boolean): Promise<void> {
  const text = texts.get(id) ?? '';
  told.set(id, text);
  try {
    const params = { path: { id } };
    hearLock(await bodyOf(api.POST('/api/v1/conversations/{id}/lock', { params, body: { text, ...(take_over && { take_over }) } })));
    mine.add(id);
  } catch (cause) {
    if (cause instanceof ApiError && cause.status === 423) hearLock(cause.body.lock as LockView);
    // Without a line writing goes on: what others wrote meanwhile is shown before the answer leaves.
  }
}

/** Says that this person writes, with every key and not too often. */
export function writes(id: string, text: string): void {
  texts.set(id, text);
  if (timers.has(id)) return;
  timers.set(id, setTimeout(() => timers.delete(id) && texts.get(id) !== told.get(id) && writes(id, texts.get(id) ?? ''), every));
  void call(id, () => ask(id, false));
}

/** Takes the right from whoever has it. */
export function takeOver(id: string, text: string): Promise<void> {
  texts.set(id, text);
  return call(id, () => ask(id, true));
}

/** Gives the right back, where this person has it. */
export function endLock(id: string): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  texts.delete(id);
  void call(id, async () => {
    if (!mine.delete(id)) return;
    await api.DELETE('/api/v1/conversations/{id}/lock', { params: { path: { id } } }).catch(() => undefined); // it ends by itself
  });
}
