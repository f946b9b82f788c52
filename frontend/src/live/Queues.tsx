import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTeams } from '~/shared/api/queries';
import type { Queue } from '~/shared/api/types';
import { formatNumber, formatPercent } from '~/shared/i18n/format';
import { arrange, queueTrouble, type Risen } from './board';
import { Clock, useSecond } from './Clock';
import css from './Live.module.css';

/** Of more queues than this those in which nobody waits stand in few words at the end. */
const most = 18;

/** How much waits for each team, and since when. */
export function Queues({ queues }: { queues: Queue[] }) {
  const { t } = useTranslation('live');
  const teams = useTeams().data ?? [];
  const [risen] = useState<Risen>(() => new Map());
  const now = useSecond();
  const teamOf = (queue: Queue) => teams.find(({ id }) => id === queue.team_id);
  const nameOf = (queue: Queue) => teamOf(queue)?.name ?? '';
  const shown = arrange(queues, risen, now, {
    id: (queue) => queue.team_id,
    over: (queue) => !!queueTrouble(queue, teamOf(queue), now),
    compare: (a, b) => nameOf(a).localeCompare(nameOf(b)),
  });
  const idle = queues.length > most ? shown.filter((queue) => queue.length === 0 && !risen.has(queue.team_id)) : [];
  const tiles = shown.filter((queue) => !idle.includes(queue));
  return (
    <section className={css.band} aria-labelledby="live-queues">
      <h2 id="live-queues">{t('queues.title')}</h2>
      {queues.length === 0 && <p className={css.none}>{t('queues.none')}</p>}
      <ul className={css.queues}>
        {tiles.map((queue) => {
          const trouble = queueTrouble(queue, teamOf(queue), now);
          return (
            <li key={queue.team_id}>
              <article className={css.queue} data-over={trouble ?? undefined} data-empty={queue.length === 0 || undefined} data-testid="live-queue" data-team-id={queue.team_id}>
                <Link to="/inbox" search={{ queue: queue.team_id }} className={`${css.queueName} follow`}>
                  <bdi>{nameOf(queue)}</bdi>
                </Link>
                <strong className={css.length} data-testid="live-queue-length">{formatNumber(queue.length)}</strong>
                <span className={css.wait} data-late={trouble === 'wait' || undefined}>
                  {queue.oldest_at ? (
                    <>
                      {t(trouble === 'wait' ? 'queues.tooLong' : 'queues.oldest')} <Clock since={queue.oldest_at} />
                    </>
                  ) : (
                    t('queues.empty')
                  )}
                </span>
                {queue.service_level !== null && (
                  <Link to="/inbox" search={{ queue: queue.team_id, sla: 'breached' }} className={css.level} data-late={trouble === 'level' || undefined} title={t('queues.levelHelp')}>
                    {t('queues.level', { share: formatPercent(queue.service_level) })}
                  </Link>
                )}
              </article>
            </li>
          );
        })}
      </ul>
      {idle.length > 0 && (
        <details className={css.gone}>
          <summary>{t('queues.idle', { count: idle.length, formatParams: { count: formatNumber(idle.length) } })}</summary>
          <ul>
            {idle.map((queue) => (
              <li key={queue.team_id}>
                <bdi>{nameOf(queue)}</bdi>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
