/** What is offered to me just now. An offer is over when I answer, when its time is up, or when the gateway says so. */
import i18next from 'i18next';
import { create } from 'zustand';
import { api, ApiError, bodyOf } from '~/shared/api/client';
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

export const useOffers = create<{ offers: Offer[] }>()(() => ({ offers: [] }));

/** What is offered on a device that was not there when it was, or that missed what became of it. What was heard meanwhile stays. */
export async function loadOffers(): Promise<void> {
  const before = useOffers.getState().offers;
  const { items } = await bodyOf(api.GET('/api/v1/me/offers'));
  const listed = items.map((item) => {
    const ends = Date.now() + item.left_ms;
    return { conversationId: item.conversation_id, teamId: item.team_id, ends, lasts: Date.parse(item.until) - Date.parse(item.offered_at) };
  });
  const heard = useOffers.getState().offers.filter((offer) => !before.includes(offer));
  setOffers([...listed.filter(({ conversationId }) => !heard.some((o) => o.conversationId === conversationId)), ...heard].sort((a, b) => a.ends - b.ends));
}

/** Shows these, with the conversations of those that were not shown. */
function setOffers(offers: Offer[]): void {
  const before = useOffers.getState().offers;
  useOffers.setState({ offers });
  for (const { conversationId } of offers) if (!before.some((o) => o.conversationId === conversationId)) loadConversation(conversationId).catch(() => undefined);
}

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
  const myId = useLive.getState().me?.user.id ?? '';
  for (const frame of frames) {
    // What is no longer offered may no longer be seen either: the gateway answers 404 then, and it goes.
    if (frame.type === 'assignment.offer_over' && frame.data.agent_id === myId) loadConversation(frame.data.conversation_id).catch(() => undefined);
  }
  const offers = offersAfter(before, frames, myId, Date.now());
  if (offers === before) return;
  setOffers(offers);
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
