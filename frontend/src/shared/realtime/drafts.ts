/** Drafts: kept on this device with every key stroke, on the gateway a second later, so that they follow the agent. */
import { useEffect } from 'react';
import { create } from 'zustand';
import { api, bodyOf } from '~/shared/api/client';
import type { Draft } from '~/shared/api/types';
import { useLive } from './store';

const empty: Draft = { text: '', mode: 'reply' };
const saveAfter = 1000;

const useDrafts = create<{ drafts: Record<string, Draft> }>()(() => ({ drafts: {} }));
const timers = new Map<string, ReturnType<typeof setTimeout>>();
const loaded = new Set<string>();

const storageKey = (id: string) => `wasl.draft.${useLive.getState().me?.user.id ?? ''}.${id}`;

function stored(id: string): Draft | null {
  try {
    return JSON.parse(localStorage.getItem(storageKey(id)) ?? 'null') as Draft | null;
  } catch {
    return null;
  }
}

function keep(id: string, draft: Draft): void {
  useDrafts.setState((s) => ({ drafts: { ...s.drafts, [id]: draft } }));
  if (draft.text || draft.reply_to || draft.mail) localStorage.setItem(storageKey(id), JSON.stringify(draft));
  else localStorage.removeItem(storageKey(id));
}

function save(id: string, wait: number): void {
  clearTimeout(timers.get(id));
  timers.set(
    id,
    setTimeout(() => {
      timers.delete(id);
      // The device has it; a gateway that cannot be reached gets it with the next change.
      api.PUT('/api/v1/conversations/{id}/draft', { params: { path: { id } }, body: useDrafts.getState().drafts[id] ?? empty }).catch(() => undefined);
    }, wait),
  );
}

async function load(id: string): Promise<void> {
  if (loaded.has(id)) return;
  loaded.add(id);
  const local = stored(id);
  if (local) {
    useDrafts.setState((s) => ({ drafts: { ...s.drafts, [id]: local } }));
    return;
  }
  try {
    const draft = await bodyOf(api.GET('/api/v1/conversations/{id}/draft', { params: { path: { id } } }));
    // What was typed while it loaded wins.
    if (!useDrafts.getState().drafts[id]) useDrafts.setState((s) => ({ drafts: { ...s.drafts, [id]: { ...empty, ...draft } } }));
  } catch {
    loaded.delete(id);
  }
}

export function useDraft(conversationId: string): {
  draft: Draft;
  setDraft: (change: Partial<Draft>) => void;
  clearDraft: () => void;
  /** Takes the draft to another conversation; its answer and its recipients stay behind. */
  moveDraft: (to: string) => void;
} {
  const draft = useDrafts((s) => s.drafts[conversationId]) ?? empty;
  useEffect(() => void load(conversationId), [conversationId]);
  const clearDraft = () => {
    keep(conversationId, { ...empty, mode: useDrafts.getState().drafts[conversationId]?.mode ?? 'reply' });
    save(conversationId, 0);
  };
  return {
    draft,
    setDraft: (change) => {
      keep(conversationId, { ...(useDrafts.getState().drafts[conversationId] ?? empty), ...change });
      save(conversationId, saveAfter);
    },
    clearDraft,
    moveDraft: (to) => {
      keep(to, { ...empty, text: draft.text });
      save(to, 0);
      clearDraft();
    },
  };
}

/** Which conversations hold a draft of this person, for the list. */
export const useHasDraft = (conversationId: string) => useDrafts((s) => !!s.drafts[conversationId]?.text);

/** Forgets the drafts in memory: another person signs in. */
export function resetDrafts(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  loaded.clear();
  useDrafts.setState({ drafts: {} });
}
