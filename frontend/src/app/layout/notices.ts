import i18next from 'i18next';
import { formatTime } from '~/shared/i18n/format';
import { isolate } from '~/shared/ui/bidi';
import type { AppNotification } from '~/shared/api/frames';
import type { Channel, Conversation } from '~/shared/api/types';

/** What a notice may name. */
export interface Named {
  channels: Channel[];
  conversation: (id: string) => Conversation | undefined;
}

/** A notice in the language of the interface where we have the words, else in the gateway's. */
export function noticeText(notice: AppNotification, { channels, conversation }: Named): { title: string; detail: string } {
  const of = notice.conversation_id ? conversation(notice.conversation_id)?.contact.name || i18next.t('notice.conversation') : channels.find((c) => c.id === notice.channel_id)?.name;
  const values = { name: isolate(of ?? ''), time: formatTime(notice.due_at ?? notice.since ?? Date.now()) };
  const say = (part: 'title' | 'detail') => {
    const key = ['notice', notice.kind, ...(notice.metric ? [notice.metric] : []), part].join('.');
    return i18next.exists(key) ? i18next.t(key as 'notice.channel_silent.title', values) : notice[part];
  };
  if (notice.kind !== 'assigned') return { title: say('title'), detail: notice.metric ? '' : say('detail') };
  const parts = [notice.priority && notice.priority !== 'none' ? i18next.t(`inbox:priority.${notice.priority}` as 'inbox:priority.high') : '', notice.since ? i18next.t('notice.waits', values) : ''];
  return { title: say('title'), detail: parts.filter(Boolean).join(' · ') };
}
