import i18next from 'i18next';
import { isolate } from '~/shared/ui/bidi';
import type { AppNotification } from '~/shared/api/frames';
import type { Channel } from '~/shared/api/types';

/** A notice in the language of the interface where we have the words, else in the gateway's. */
export function noticeText(notice: AppNotification, channels: Channel[]): { title: string; detail: string } {
  const say = (part: 'title' | 'detail') => {
    const key = `notice.${notice.kind}.${part}`;
    const name = channels.find((c) => c.id === notice.channel_id)?.name ?? '';
    return i18next.exists(key) ? i18next.t(key as 'notice.channel_silent.title', { name: isolate(name) }) : notice[part];
  };
  return { title: say('title'), detail: say('detail') };
}
