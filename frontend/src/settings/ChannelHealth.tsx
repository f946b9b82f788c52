import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useHealth } from '~/shared/api/queries';
import type { Channel } from '~/shared/api/types';
import { formatDay, formatNumber, formatSpan } from '~/shared/i18n/format';
import { problemText } from '~/shared/lib/problem';
import { RelTime } from '~/shared/ui/RelTime';
import css from './Settings.module.css';

/** The state of a channel as a badge. */
export function HealthBadge({ channel }: { channel: Channel }) {
  const { t } = useTranslation('settings');
  return (
    <span className={css.state} data-state={channel.health.state} data-testid="channel-state">
      {t(`health.state.${channel.health.state}`)}
    </span>
  );
}

/** What is wrong now, and what mends it. */
export function HealthProblem({ channel }: { channel: Channel }) {
  const { problem, state } = channel.health;
  if (!problem) return null;
  const { title, detail } = problemText(problem);
  return (
    <div className={css.trouble} data-tone={state === 'stopped' ? undefined : 'warn'} role="alert">
      <strong>
        <IconAlertTriangle size={16} style={{ verticalAlign: '-3px' }} aria-hidden /> <bdi>{title}</bdi>
      </strong>
      <p dir="auto" className="follow">{detail}</p>
    </div>
  );
}

/** How far the import has come of what was in a mailbox before. */
export function ImportProgress({ channelId }: { channelId: string }) {
  const { t } = useTranslation('settings');
  const { done = 0, total = 0 } = useHealth(channelId).data?.import ?? {};
  if (total === 0 || done >= total) return null;
  return (
    <div className={css.importing} role="status" data-testid="import-progress">
      <progress value={done} max={total} aria-label={t('mailbox.importing')} />
      {t('mailbox.imported', { done: formatNumber(done), total: formatNumber(total) })}
    </div>
  );
}

/** The last signs of life of a channel. */
export function HealthFacts({ channel: { health } }: { channel: Channel }) {
  const { t } = useTranslation('settings');
  const time = (at: string | null) => (at ? <RelTime at={at} /> : t('channels.never'));
  const error = health.last_error && problemText(health.last_error);
  return (
    <dl className={css.facts} data-testid="channel-facts">
      <dt>{t('health.lastIn')}</dt>
      <dd>{time(health.last_inbound_at)}</dd>
      <dt>{t('health.lastOut')}</dt>
      <dd>{time(health.last_outbound_at)}</dd>
      <dt>{t('health.lastHook')}</dt>
      <dd>{time(health.last_webhook_at)}</dd>
      {health.usual_gap_seconds && (
        <>
          <dt>{t('health.usualGap')}</dt>
          <dd>{formatSpan(health.usual_gap_seconds * 1000)}</dd>
        </>
      )}
      <dt>{t('health.lag')}</dt>
      <dd>{health.waiting > 0 ? t('health.waiting', { count: health.waiting, time: formatSpan(health.lag_seconds * 1000) }) : t('health.noLag')}</dd>
      {health.refused_webhooks > 0 && (
        <>
          <dt>{t('health.refused')}</dt>
          <dd>
            {formatNumber(health.refused_webhooks)} · <RelTime at={health.last_refused_at ?? ''} />
            <small>{t('health.refusedHelp')}</small>
          </dd>
        </>
      )}
      {health.token_ends_at && (
        <>
          <dt>{t('health.tokenEnds')}</dt>
          <dd>
            {formatDay(health.token_ends_at)}
            {health.state !== 'ending' && <small>{t('health.tokenEndsHelp')}</small>}
          </dd>
        </>
      )}
      {health.last_error && error && (
        <>
          <dt>{t('health.lastError')}</dt>
          <dd>
            <RelTime at={health.last_error.at} /> · <bdi>{error.title}</bdi>
            {error.detail && <small dir="auto" className="follow">{error.detail}</small>}
          </dd>
        </>
      )}
    </dl>
  );
}
