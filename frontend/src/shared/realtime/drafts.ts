/**
 * Drafts: kept on this device with every key stroke, on the gateway a second later, so that they follow the agent. All tabs show the
 * same one. What another device wrote meanwhile is taken over, and never overwritten unseen.
 */
import { useEffect } from 'react';
import { create } from 'zustand';
import { api, ApiError, bodyOf } from '~/shared/api/client';
import type { Draft } from '~/shared/api/types';
import { useLive } from './store';

/** A draft, and what the gateway had when we heard of it last; undefined: we never did. */
interface Kept {
  draft: Draft;
  base?: Draft;
}

const empty: Draft = { text: '', mode: 'reply' };
const saveAfter = 1000;

const useDrafts = create<{ drafts: Record<string, Kept> }>()(() => ({ drafts: {} }));
const timers = new Map<string, ReturnType<typeof setTimeout>>();

const prefix = () => `wasl.draft.${useLive.getState().me?.user.id ?? ''}.`;
const isEmpty = (draft: Draft) => !draft.text && !draft.reply_to && !draft.mail;
const same = (a: Draft, b: Draft) =>
  (isEmpty(a) && isEmpty(b)) || (a.text === b.text && a.mode === b.mode && (a.reply_to ?? '') === (b.reply_to ?? '') && JSON.stringify(a.mail) === JSON.stringify(b.mail));
const isSaved = ({ draft, base }: Kept) => !!base && same(draft, base);

function parse(json: string | null): Kept | null {
  try {
    const value = JSON.parse(json ?? 'null') as Kept | Draft | null;
    return value && 'text' in value ? { draft: value } : value; // as older versions kept it
  } catch {
    return null;
  }
}

const show = (id: string, kept: Kept) => useDrafts.setState((s) => ({ drafts: { ...s.drafts, [id]: kept } }));

function keep(id: string, kept: Kept): void {
  show(id, kept);
  // That a draft was emptied is kept too, until the gateway knows: else it came back.
  if (isEmpty(kept.draft) && isSaved(kept)) localStorage.removeItem(prefix() + id);
  else store(prefix() + id, JSON.stringify(kept));
}

/** A device without room keeps nothing: the draft is in memory, and at the gateway a second later. */
function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    localStorage.removeItem(key); // what is older must not come back
  }
}

const known = (id: string): Kept | null => useDrafts.getState().drafts[id] ?? parse(localStorage.getItem(prefix() + id));

export const draftOf = (id: string): Draft => known(id)?.draft ?? empty;

/** Changes the draft here at once, and at the gateway after a while. */
export function changeDraft(id: string, part: Partial<Draft>, wait = saveAfter): void {
  keep(id, { draft: { ...draftOf(id), ...part }, base: known(id)?.base });
  save(id, wait);
}

/** Everything but the mode, which stays. */
export const clearDraft = (id: string): void => changeDraft(id, { text: '', reply_to: undefined, mail: undefined }, 0);

function save(id: string, wait: number): void {
  clearTimeout(timers.get(id));
  timers.set(
    id,
    setTimeout(() => {
      timers.delete(id);
      const draft = draftOf(id);
      // The device has it; a gateway that cannot be reached gets it with the next change, or when the conversation is opened again.
      const base = known(id)?.base?.text;
      api.PUT('/api/v1/conversations/{id}/draft', { params: { path: { id } }, body: { ...draft, ...(base !== undefined && { base }) } }).then(
        () => keep(id, { draft: draftOf(id), base: draft }),
        // Another device wrote meanwhile: both texts are kept.
        (cause: unknown) => cause instanceof ApiError && cause.status === 412 && void loadDraft(id),
      );
    }, wait),
  );
}

/** What to go on with, of what is here and what the gateway has. */
export function reconcile(here: Kept | null, there: Draft): Draft {
  if (!here) return there;
  const { draft, base } = here;
  if (isSaved(here)) return isEmpty(draft) && isEmpty(there) ? draft : there;
  if ((base && same(there, base)) || same(there, draft) || isEmpty(there)) return draft;
  // Changed on both sides. Nothing of it may be lost.
  return isEmpty(draft) ? there : { ...draft, text: [there.text, draft.text].filter(Boolean).join('\n\n') };
}

/** Shows what is here at once, and then what the gateway has. */
export async function loadDraft(id: string): Promise<void> {
  const here = known(id);
  if (here) show(id, here);
  if (timers.has(id)) return;
  try {
    const there = { ...empty, ...(await bodyOf(api.GET('/api/v1/conversations/{id}/draft', { params: { path: { id } } }))) };
    const now = known(id);
    // What was typed while it loaded wins.
    if (now && !(here && same(now.draft, here.draft))) return;
    const draft = reconcile(now, there);
    keep(id, { draft, base: there });
    if (!same(draft, there)) save(id, saveAfter);
  } catch {
    // What is here stays; the next look at the conversation asks again.
  }
}

/** Another tab wrote: this one shows the same. */
function follow({ key, newValue }: StorageEvent): void {
  if (!key?.startsWith(prefix())) return;
  show(key.slice(prefix().length), parse(newValue) ?? { draft: empty, base: empty });
}
window.addEventListener('storage', follow);

export function useDraft(conversationId: string): {
  draft: Draft;
  setDraft: (part: Partial<Draft>) => void;
  clearDraft: () => void;
  /** Takes the draft to another conversation; its answer and its recipients stay behind. */
  moveDraft: (to: string) => void;
} {
  const draft = useDrafts((s) => s.drafts[conversationId]?.draft) ?? empty;
  useEffect(() => void loadDraft(conversationId), [conversationId]);
  return {
    draft,
    setDraft: (part) => changeDraft(conversationId, part),
    clearDraft: () => clearDraft(conversationId),
    moveDraft: (to) => {
      changeDraft(to, { ...empty, text: draft.text }, 0);
      clearDraft(conversationId);
    },
  };
}

/** Which conversations hold a draft of this person, for the list. */
export const useHasDraft = (conversationId: string) => useDrafts((s) => !!s.drafts[conversationId]?.draft.text);

/** Forgets the drafts in memory: another person signs in. */
export function resetDrafts(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  useDrafts.setState({ drafts: {} });
}
