import { Button } from '@mantine/core';
import { IconMoodCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '~/shared/api/client';
import { queryClient, useChannels } from '~/shared/api/queries';
import type { DeadLetter, Page } from '~/shared/api/types';
import { RelTime } from '~/shared/ui/RelTime';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { toastDone, toastError } from '~/shared/ui/toast';
import css from './Settings.module.css';

const key = ['dead-letters'];

/** What the gateway took in but could not use: nothing is lost, everything can be tried again. */
export function DeadLettersPage() {
  const { t } = useTranslation('settings');
  const letters = useQuery({ queryKey: key, queryFn: ({ signal }) => api.get<Page<DeadLetter>>('/dead-letters', {}, signal), staleTime: 0 });
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('dead.title')}</h2>
      </div>
      <p className={css.lead}>{t('dead.lead')}</p>
      {letters.isPending && <SkeletonRows rows={4} />}
      {letters.isError && <ErrorRetry error={letters.error} retry={() => void letters.refetch()} />}
      {letters.data?.items.length === 0 && <EmptyState icon={<IconMoodCheck size={28} stroke={1.5} />} title={t('dead.none')} text={t('dead.noneText')} />}
      {!!letters.data?.items.length && (
        <ul className={css.list}>
          {letters.data.items.map((letter) => (
            <Letter key={letter.id} letter={letter} />
          ))}
        </ul>
      )}
    </>
  );
}

/** A body as it came; JSON is laid out so that it can be read. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function Letter({ letter }: { letter: DeadLetter }) {
  const { t } = useTranslation(['settings', 'common']);
  const channel = useChannels().data?.find((c) => c.id === letter.channel_id);
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const act = async (what: 'replay' | 'remove') => {
    setBusy(true);
    try {
      if (what === 'replay') await api.post(`/dead-letters/${letter.id}/replay`);
      else await api.del(`/dead-letters/${letter.id}`);
      toastDone(t(what === 'replay' ? 'dead.replayed' : 'dead.removed'));
      await queryClient.invalidateQueries({ queryKey: key });
    } catch (cause) {
      toastError(cause, () => void act(what));
    } finally {
      setBusy(false);
    }
  };
  return (
    <li>
      <button type="button" className={css.item} aria-expanded={open} onClick={() => setOpen(!open)} data-testid="dead-letter">
        <span className={css.itemText}>
          <strong dir="auto" className="follow">{letter.error}</strong>
          <span>
            <bdi>{channel?.name ?? letter.kind}</bdi> · <RelTime at={letter.created_at} /> · {t('dead.attempts', { count: letter.attempts })}
          </span>
        </span>
      </button>
      {open && (
        <>
          <pre className={css.raw} dir="ltr" role="region" tabIndex={0} aria-label={t('dead.body')}>
            {pretty(letter.body)}
          </pre>
          <div className={css.letterActions}>
            <Button size="xs" loading={busy} onClick={() => void act('replay')} data-testid="dead-replay">
              {t('dead.replay')}
            </Button>
            <Button size="xs" variant="default" disabled={busy} onClick={() => void act('remove')}>
              {t('common:action.delete')}
            </Button>
          </div>
        </>
      )}
    </li>
  );
}
