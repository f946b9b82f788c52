import { Button } from '@mantine/core';
import { IconPlugConnected, IconPlus, IconWorld } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useChannels } from '~/shared/api/queries';
import { problemText } from '~/shared/lib/problem';
import { ChannelIcon } from '~/shared/ui/Avatar';
import { Ltr } from '~/shared/ui/Ltr';
import { RelTime } from '~/shared/ui/RelTime';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { HealthBadge } from './ChannelHealth';
import css from './Settings.module.css';

export function ChannelsPage() {
  const { t } = useTranslation(['settings', 'common']);
  const channels = useChannels(30_000);
  const connect = (
    <div className={css.actions}>
      <Button component={Link} to="/settings/channels/website" variant="default" leftSection={<IconWorld size={17} />} data-testid="website-new">
        {t('website.add')}
      </Button>
      <Button component={Link} to="/settings/channels/new" leftSection={<IconPlus size={17} />} data-testid="channel-new">
        {t('channels.connect')}
      </Button>
    </div>
  );
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('channels.title')}</h2>
        {!!channels.data?.length && connect}
      </div>
      <p className={css.lead}>{t('channels.lead')}</p>
      {channels.isPending && <SkeletonRows rows={3} />}
      {channels.isError && <ErrorRetry error={channels.error} retry={() => void channels.refetch()} />}
      {channels.data?.length === 0 && (
        <EmptyState icon={<IconPlugConnected size={28} stroke={1.5} />} title={t('channels.none')} text={t('channels.noneText')} action={connect} />
      )}
      {!!channels.data?.length && (
        <ul className={css.list}>
          {channels.data.map((channel) => (
            <li key={channel.id}>
              <Link className={css.item} to="/settings/channels/$channelId" params={{ channelId: channel.id }} data-testid="channel-row">
                <span className={css.kind} data-kind={channel.kind}>
                  <ChannelIcon kind={channel.kind} size={22} />
                </span>
                <span className={css.itemText}>
                  <strong>
                    <bdi>{channel.name}</bdi>
                  </strong>
                  <span>
                    {t(`common:channel.${channel.kind}`)} · <Ltr>{channel.account}</Ltr> · {t('channels.lastInbound')}{' '}
                    {channel.last_inbound_at ? <RelTime at={channel.last_inbound_at} /> : t('channels.never')}
                  </span>
                  {channel.health.problem && <span className={css.problem}><bdi>{problemText(channel.health.problem).title}</bdi></span>}
                </span>
                <HealthBadge channel={channel} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
