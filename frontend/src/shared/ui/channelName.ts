import { useTranslation } from 'react-i18next';
import { useChannels } from '~/shared/api/queries';
import type { Channel } from '~/shared/api/types';

/** What a channel is called among the others: its kind, and its own name where there are several of the kind. */
export function useChannelName(): (channel: Pick<Channel, 'id' | 'kind' | 'name'>) => string {
  const { t } = useTranslation();
  const channels = useChannels().data ?? [];
  return ({ id, kind, name }) => {
    const alone = !channels.some((other) => other.kind === kind && other.id !== id);
    return alone ? t(`channel.${kind}`) : `${t(`channel.${kind}`)} · \u2068${name}\u2069`;
  };
}
