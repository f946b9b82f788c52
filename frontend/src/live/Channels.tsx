import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SignOfLife } from '~/shared/api/types';
import { formatSpan } from '~/shared/i18n/format';
import { ChannelIcon } from '~/shared/ui/Avatar';
import { arrange, channelTrouble, type Risen } from './board';
import { Ago } from './Ago';
import { useHalfMinute } from './Clock';
import css from './Live.module.css';

/** Whether messages come in, and when the last one did. */
export function Channels({ channels }: { channels: SignOfLife[] }) {
  const { t } = useTranslation(['live', 'common']);
  const [risen] = useState<Risen>(() => new Map());
  const shown = arrange(channels, risen, useHalfMinute(), {
    id: (channel) => channel.id,
    over: (channel) => !!channelTrouble(channel),
    compare: (a, b) => a.name.localeCompare(b.name),
  });
  return (
    <section className={css.band} aria-labelledby="live-channels">
      <h2 id="live-channels">{t('channels.title')}</h2>
      {channels.length === 0 && <p className={css.none}>{t('channels.none')}</p>}
      <ul className={css.channels}>
        {shown.map((channel) => (
          <li key={channel.id}>
            <Link to="/inbox" search={{ channel: channel.id }} className={css.channel} data-over={channelTrouble(channel) ?? undefined} data-testid="live-channel">
              <span className={css.channelName}>
                <ChannelIcon kind={channel.kind} size={18} />
                <bdi>{channel.name}</bdi>
              </span>
              <span className={css.health} data-health={channel.health}>
                {t(`health.${channel.health}`)}
                {channel.lag_seconds >= 1 && <> · {t('channels.lag', { time: formatSpan(channel.lag_seconds * 1000) })}</>}
              </span>
              <small>
                {channel.last_inbound_at && (
                  <>
                    {t('channels.last')} <Ago at={channel.last_inbound_at} />
                  </>
                )}
              </small>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
