import { Button } from '@mantine/core';
import { IconAlertTriangle, IconClockExclamation } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useChannels } from '~/shared/api/queries';
import { formatSpan } from '~/shared/i18n/format';
import { alarmOf, mayManageChannels } from '~/shared/lib/health';
import { problemText } from '~/shared/lib/problem';
import { useLive } from '~/shared/realtime/store';
import css from './Shell.module.css';

const askEvery = 30_000;

/** Says that a channel is stopped, or that messages come in late: nobody should take a quiet inbox for a quiet day. */
export function HealthBanner() {
  const { t } = useTranslation();
  const role = useLive((s) => s.me?.user.role) ?? 'agent';
  const alarm = alarmOf(useChannels(askEvery).data ?? []);
  if (!alarm) return null;
  const { kind, channel, others } = alarm;
  const admin = mayManageChannels(role);
  const Icon = kind === 'stopped' ? IconAlertTriangle : IconClockExclamation;
  const name = `\u2068${channel.name}\u2069`;
  return (
    <div className={css.banner} role="status" data-state={kind === 'stopped' ? 'offline' : 'late'} data-testid="health-banner">
      <Icon size={18} stroke={1.7} aria-hidden />
      <span>
        {kind === 'stopped' ? t('health.stopped', { name }) : t('health.lagging', { name, time: formatSpan(channel.health.lag_seconds * 1000) })}{' '}
        {kind === 'stopped' && (admin ? channel.error && <bdi>{problemText(channel.error).title}</bdi> : t('health.askAdmin'))}
        {others > 0 && ` (${t('health.others', { count: others })})`}
      </span>
      {admin && (
        <Button component={Link} to={`/settings/channels/${channel.id}`} size="compact-xs" variant="default" className={css.bannerAction}>
          {t('health.look')}
        </Button>
      )}
    </div>
  );
}
