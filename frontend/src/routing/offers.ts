/** What is offered to me just now. An offer is over when I answer, when its time is up, or when the gateway says so. */
import i18next from 'i18next';
import { create } from 'zustand';
import { api, ApiError } from '~/shared/api/client';
import type { EventFrame, OfferData, SignalFrame } from '~/shared/api/frames';
import { loadConversation } from '~/shared/realtime/actions';
import { useLive } from '~/shared/realtime/store';
import { toastDone, toastError } from '~/shared/ui/toast';

export interface Offer {
  conversationId: string;
  teamId: string;
  /** When it ends, by this device's clock. */
  ends: number;
  /** How long it was held out, in milliseconds. */
  lasts: number;
}

const storageKey = 'wasl.offers';

/** A page that is loaded anew still shows what it was offered. */
function kept(): Offer[] {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? '[]') as Offer[];
  } catch {
    return [];
  }
}

export const useOffers = create<{ offers: Offer[] }>()(() => ({ offers: kept().filter(({ ends }) => ends > Date.now()) }));
useOffers.subscribe(({ offers }) => sessionStorage.setItem(storageKey, JSON.stringify(offers)));

/** The offers after these frames, the one that ends first in front. How long one lasts is told by the gateway's clock alone. */
export function offersAfter(offers: Offer[], frames: (EventFrame | SignalFrame)[], myId: string, now: number): Offer[] {
  let next = offers;
  const without = (id: string) => next.filter(({ conversationId }) => conversationId !== id);
  for (const frame of frames) {
    if (frame.type === 'assignment.offered' && frame.data.agent_id === myId) {
      const lasts = Date.parse(frame.data.until) - Date.parse(frame.at);
      next = [...without(frame.data.conversation_id), offerOf(frame.data, lasts, now)].sort((a, b) => a.ends - b.ends);
    }
    const ended = (frame.type === 'assignment.offer_over' && frame.data.agent_id === myId) || frame.type === 'assignment.changed';
    if (ended && next.some(({ conversationId }) => conversationId === frame.data.conversation_id)) next = without(frame.data.conversation_id);
  }
  return next;
}

const offerOf = (data: OfferData, lasts: number, now: number): Offer => ({ conversationId: data.conversation_id, teamId: data.team_id, ends: now + lasts, lasts });

export function hearOffers(frames: (EventFrame | SignalFrame)[]): void {
  const before = useOffers.getState().offers;
  const offers = offersAfter(before, frames, useLive.getState().me?.user.id ?? '', Date.now());
  if (offers === before) return;
  useOffers.setState({ offers });
  for (const { conversationId } of offers) if (!before.some((o) => o.conversationId === conversationId)) loadConversation(conversationId).catch(() => undefined);
}

/** Takes an offer off the screen. */
export const forgetOffer = (id: string) => useOffers.setState(({ offers }) => ({ offers: offers.filter(({ conversationId }) => conversationId !== id) }));

/** Answers an offer; true when the gateway took the answer. */
export async function answerOffer(offer: Offer, accept: boolean, reason = ''): Promise<boolean> {
  forgetOffer(offer.conversationId);
  try {
    await api.POST('/api/v1/conversations/{id}/offer', { params: { path: { id: offer.conversationId } }, body: { accept, ...(reason && { reason }) } });
    if (!accept) toastDone(i18next.t('offer.declined'));
    return true;
  } catch (cause) {
    // What is over cannot be answered again; a lost line leaves the offer where it was.
    if (!(cause instanceof ApiError && cause.code === 'offer_over') && offer.ends > Date.now()) useOffers.setState(({ offers }) => ({ offers: [offer, ...offers] }));
    toastError(cause);
    return false;
  }
}
