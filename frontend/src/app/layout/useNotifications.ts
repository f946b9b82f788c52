import { useRouter } from '@tanstack/react-router';
import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { useEffect } from 'react';
import { channelsQuery, queryClient, useCounts } from '~/shared/api/queries';
import type { Channel } from '~/shared/api/types';
import type { AppNotification, EventFrame, SignalFrame } from '~/shared/api/frames';
import { firstToTell } from '~/shared/notify/once';
import { notifyPrefs } from '~/shared/notify/prefs';
import { notifySettings, useMovedChoices } from '~/shared/notify/settings';
import { chime } from '~/shared/notify/sound';
import { conversations } from '~/shared/realtime/conversations';
import { listen } from '~/shared/realtime/live';
import { useLive } from '~/shared/realtime/store';
import { isolate } from '~/shared/ui/bidi';
import { alertsOf, waysOf, type Alert } from './alerts';
import { noticeText } from './notices';

const quiet = 2000;
let lastChime = 0;

const colours = { info: 'blue', warning: 'yellow', critical: 'red' } as const;

function ring(): void {
  if (Date.now() - lastChime < quiet) return;
  lastChime = Date.now();
  void chime();
}

const textOf = (notice: AppNotification) =>
  noticeText(notice, { channels: queryClient.getQueryData<{ items: Channel[] }>(channelsQuery.queryKey)?.items ?? [], conversation: (id) => conversations.get(id) });

/** While no window of ours is on the screen the gateway pushes notices to this device, where that was chosen: the page would show them twice. */
const isPushed = ({ notice }: Alert, myId: string) =>
  document.visibilityState === 'hidden' && notice !== undefined && notifyPrefs().pushed === myId && waysOf(notifySettings(), notice.kind).push !== false;

function showOutside(alert: Alert, open: (id: string) => void): void {
  if (document.hasFocus() || !('Notification' in window) || Notification.permission !== 'granted') return;
  const title = alert.notice ? textOf(alert.notice).title : alert.kind === 'message' ? alert.name : i18next.t('notify.offered', { name: isolate(alert.name) });
  const body = alert.kind === 'message' ? alert.text || i18next.t('notify.newMessage') : '';
  const shown = new Notification(title, { body, tag: alert.conversationId || alert.id, icon: '/icon.svg', lang: i18next.language, dir: 'auto' });
  shown.onclick = () => {
    window.focus();
    if (alert.conversationId) open(alert.conversationId);
    shown.close();
  };
}

/** Sound, desktop notifications, what the gateway wants to tell, and the number in the tab's title. */
export function useNotifications(): void {
  const router = useRouter();
  useMovedChoices();
  const unread = useCounts().data?.unread ?? 0;
  useEffect(() => {
    document.title = unread > 0 ? `(${unread > 99 ? '99+' : unread}) Wasl` : 'Wasl';
  }, [unread]);

  useEffect(() => {
    const open = (conversationId: string) => void router.navigate({ to: '/inbox/$conversationId', params: { conversationId } });
    const heard = (frames: (EventFrame | SignalFrame)[]) => {
      for (const frame of frames) {
        if (frame.type !== 'notification.created' || !waysOf(notifySettings(), frame.data.kind).in_app) continue;
        const { id, severity } = frame.data;
        const { title, detail } = textOf(frame.data);
        const { conversation_id: about } = frame.data;
        const onClick = about ? () => { notifications.hide(id); open(about); } : undefined;
        notifications.show({ id, title, message: detail, color: colours[severity] ?? 'blue', autoClose: severity === 'info' ? 8000 : false, onClick });
      }
      const { me, openId } = useLive.getState();
      const looking = document.hasFocus() ? openId : '';
      for (const alert of alertsOf(frames, { myId: me?.user.id ?? '', looking, conversation: (id) => conversations.get(id), settings: notifySettings(), now: Date.now() })) {
        void firstToTell(alert.id).then((first) => {
          if (first && alert.sound) ring();
          if (first && alert.desktop && !isPushed(alert, me?.user.id ?? '')) showOutside(alert, open);
        });
      }
    };
    const clicked = ({ data }: MessageEvent<{ type?: string; conversationId?: string } | null>) => {
      if (data?.type === 'open' && data.conversationId) open(data.conversationId);
    };
    navigator.serviceWorker?.addEventListener('message', clicked);
    const off = listen({ frames: heard });
    return () => {
      navigator.serviceWorker?.removeEventListener('message', clicked);
      off();
    };
  }, [router]);
}
