import { useNavigate } from '@tanstack/react-router';
import { IconPlayerTrackNext } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFilters } from '~/inbox/list/useFilters';
import { formatDateTime, formatNumber } from '~/shared/i18n/format';
import { useActions } from '~/shared/actions/actions';
import { useAriaKeys, useHint, useKeyText } from '~/shared/actions/keymap';
import css from './QueueBar.module.css';
import { takeNext, useMyQueues } from './queues';

/** Take the next one, and what waits in the queue of each of my teams. Not there for those who are in no team. */
export function QueueBar() {
  const { t } = useTranslation('inbox');
  const navigate = useNavigate();
  const { filters, setFilters } = useFilters();
  const queues = useMyQueues();
  const [busy, setBusy] = useState(false);
  const waiting = queues.reduce((sum, { queue }) => sum + (queue?.length ?? 0), 0);
  const take = async () => {
    if (busy || queues.length === 0) return;
    setBusy(true);
    const taken = await takeNext();
    setBusy(false);
    if (taken) await navigate({ to: '/inbox/$conversationId', params: { conversationId: taken.id }, search: (s) => ({ ...s, message: undefined }) });
  };
  const hint = useHint();
  const ariaKeys = useAriaKeys('take');
  const key = useKeyText('take');
  useActions({ take: queues.length > 0 && (() => void take()) });
  if (queues.length === 0) return null;
  return (
    <div className={css.bar}>
      <button type="button" className={css.take} onClick={() => void take()} disabled={busy} aria-keyshortcuts={ariaKeys} title={hint(t('queue.take'), 'take')} data-testid="take-next">
        <IconPlayerTrackNext size={15} stroke={1.8} className="mirror" aria-hidden />
        {t('queue.take')}
        <span className={css.count} data-testid="take-count">{formatNumber(waiting)}</span>
        {key && <kbd aria-hidden>{key}</kbd>}
      </button>
      <div className={css.queues} role="group" aria-label={t('queue.label')}>
        {queues.map(({ team, queue }) => (
          <button
            key={team.id}
            type="button"
            className={css.queue}
            aria-pressed={filters.queue === team.id}
            title={queue?.oldest_at ? t('queue.oldest', { time: formatDateTime(queue.oldest_at) }) : t('queue.empty')}
            onClick={() => setFilters(filters.queue === team.id ? { sort: filters.sort } : { queue: team.id, sort: filters.sort })}
            data-testid="queue"
          >
            <bdi>{team.name}</bdi>
            <span className={css.count}>{formatNumber(queue?.length ?? 0)}</span>
          </button>
        ))}
      </div>
    </div>
  );
}
