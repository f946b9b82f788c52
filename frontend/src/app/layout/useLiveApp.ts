import { useRouteContext, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { signedOutEvent } from '~/shared/api/client';
import { addActivity, deadCountQuery, failedCountQuery, invalidate, meQuery, queryClient } from '~/shared/api/queries';
import type { EventFrame, SignalFrame } from '~/shared/api/frames';
import type { Message } from '~/shared/api/types';
import { hearDesk, keepViewCounts } from '~/shared/desk/queries';
import { hearOffers, loadOffers } from '~/routing/offers';
import { hearQueue } from '~/routing/queues';
import { notifyPrefs } from '~/shared/notify/prefs';
import { loadConversation, loadFailed, loadPresence } from '~/shared/realtime/actions';
import { forgetKept, startKeeping } from '~/shared/realtime/kept';
import { listen, startLive, stopLive } from '~/shared/realtime/live';
import { resumeOutbox } from '~/shared/realtime/outbox';
import { reload } from './reload';

/** When the app is on screen, what is for the next time has its turn, in ms. */
const deviceAfter = 3000;

/** The worker that opens the app without a line, and the subscription of whoever has this device told while Wasl is closed. */
async function startDevice(myId: string): Promise<void> {
  await navigator.serviceWorker?.register('/sw.js');
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker is of our origin
  void navigator.serviceWorker?.ready.then(({ active }) => active?.postMessage({ type: 'keep' }));
  if (notifyPrefs().pushed) await (await import('~/shared/notify/device/push')).renewDevice(myId);
}

const countsEvery = 1000;
let countsTimer: ReturnType<typeof setTimeout> | undefined;

/** Asks for the counters again, at most once a second however much happens. */
function refreshCounts(): void {
  countsTimer ??= setTimeout(() => {
    countsTimer = undefined;
    void invalidate('/api/v1/conversations/counts');
  }, countsEvery);
}

let failedTimer: ReturnType<typeof setTimeout> | undefined;

/** Asks again for what did not go out, when a message joins that or may have left it. */
function refreshFailed(message: Message): void {
  const stuck = message.status === 'failed' || message.status === 'unknown';
  const known = queryClient.getQueryData<{ count: number }>(failedCountQuery.queryKey);
  if (message.direction === 'in' || (!stuck && !known?.count)) return;
  failedTimer ??= setTimeout(() => {
    failedTimer = undefined;
    void invalidate('/api/v1/failed-messages', '/api/v1/failed-messages/count');
  }, countsEvery);
}

let whyTimer: ReturnType<typeof setTimeout> | undefined;

/** Asks again why the open conversation is where it is, where that is shown: much decides about it. */
function refreshWhy(type: string): void {
  if (!/^(assignment|queue|agent|conversation)\./.test(type)) return;
  whyTimer ??= setTimeout(() => {
    whyTimer = undefined;
    void invalidate('/api/v1/conversations/{id}/routing');
  }, countsEvery);
}

function heard(frames: (EventFrame | SignalFrame)[]): void {
  hearOffers(frames);
  for (const frame of frames) {
    refreshWhy(frame.type);
    if (frame.type.startsWith('conversation.')) refreshCounts();
    if (frame.type === 'message.updated') refreshFailed(frame.data);
    if (frame.type === 'activity.created') addActivity(frame.data);
    hearDesk(frame.type);
    if (frame.type === 'view.counts') keepViewCounts(frame.data.items);
    if (frame.type === 'channel.updated') void invalidate('/api/v1/channels');
    if (frame.type.startsWith('team.')) void invalidate('/api/v1/teams', '/api/v1/queues');
    if (frame.type.startsWith('reminder.')) void invalidate('/api/v1/me/reminders');
    if (frame.type === 'queue.updated') hearQueue(frame.data);
    if (frame.type === 'dead_letters.changed') {
      queryClient.setQueryData(deadCountQuery.queryKey, frame.data);
      void invalidate('/api/v1/dead-letters');
    }
    if (frame.type === 'assignment.changed') {
      refreshCounts();
      // Somebody else's conversation may no longer be ours to see; the gateway answers 404 then, and it goes.
      loadConversation(frame.data.conversation_id).catch(() => undefined);
    }
  }
}

/** The line is up: what waited goes out, what failed is loaded, and everybody learns again who is there. */
function up(): void {
  resumeOutbox();
  void invalidate('/api/v1/views/counts'); // what was told meanwhile is not told again
  void loadFailed();
  loadPresence().catch(() => undefined);
  loadOffers().catch(() => undefined);
}

/** Starts the live line for the person who is signed in, and stops it when they leave. */
export function useLiveApp(): void {
  const { me } = useRouteContext({ from: '/app' });
  const router = useRouter();
  useEffect(() => {
    startLive();
    resumeOutbox();
    const endKeeping = startKeeping();
    const signedOut = () => {
      queryClient.clear();
      void forgetKept();
      void router.navigate({ to: '/login', search: { to: location.pathname + location.search }, replace: true });
    };
    const off = listen({ frames: heard, reload: () => void reload(), up, refused: () => void queryClient.fetchQuery({ ...meQuery, staleTime: 0 }).catch(() => undefined) });
    window.addEventListener(signedOutEvent, signedOut);
    const idle = setTimeout(() => void startDevice(me.user.id).catch(() => undefined), deviceAfter);
    return () => {
      clearTimeout(idle);
      endKeeping();
      off();
      window.removeEventListener(signedOutEvent, signedOut);
      stopLive();
    };
  }, [me.user.id, router]);
}
