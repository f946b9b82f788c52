import { Button, NativeSelect } from '@mantine/core';
import { IconMoodCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, bodyOf } from '~/shared/api/client';
import { useChannels, useFailedCount } from '~/shared/api/queries';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { AllAgain } from './AllAgain';
import { Letter, refreshLetters } from './DeadLetter';
import { DiscardedLetters } from './DiscardedLetters';
import { FailedMessages } from './FailedMessages';
import css from './Settings.module.css';

const kinds = ['inbound', 'media', 'send', 'templates'] as const;

/** What the gateway took in or had to do and could not: nothing is lost, everything can be tried again. */
export function DeadLettersPage() {
  const { t } = useTranslation('settings');
  const [kind, setKind] = useState('');
  const [channel, setChannel] = useState('');
  const channels = useChannels().data ?? [];
  const filter = { kind, channel };
  const letters = $api.useInfiniteQuery('get', '/api/v1/dead-letters', { params: { query: filter } }, {
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor || undefined,
    staleTime: 0,
  });
  const replayAll = async (page: { limit: number; cursor: string }) => {
    const { replayed, next_cursor } = await bodyOf(api.POST('/api/v1/dead-letters/replay', { params: { query: { ...filter, ...page } } }));
    return { count: replayed, next_cursor };
  };
  const items = letters.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = !!kind || !!channel;
  const failed = useFailedCount(true) > 0;
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('dead.title')}</h2>
      </div>
      <p className={css.lead}>{t('dead.lead')}</p>
      {(items.length > 0 || filtered || failed) && (
        <div className={css.filters}>
          <NativeSelect aria-label={t('dead.filterKind')} value={kind} onChange={(e) => setKind(e.currentTarget.value)} data-testid="dead-kind"
            data={[{ value: '', label: t('dead.anyKind') }, ...kinds.map((value) => ({ value, label: t(`dead.kind.${value}`) }))]} />
          {channels.length > 1 && (
            <NativeSelect aria-label={t('dead.filterChannel')} value={channel} onChange={(e) => setChannel(e.currentTarget.value)}
              data={[{ value: '', label: t('dead.anyChannel') }, ...channels.map((c) => ({ value: c.id, label: c.name }))]} />
          )}
        </div>
      )}
      {!kind && <FailedMessages channel={channel} />}
      {items.length > 0 && (
        <div className={css.titleRow}>
          <h3 className={css.sub}>{t('dead.letters')}</h3>
          <AllAgain again={replayAll} refresh={refreshLetters} test="dead-replay-all"
            label={t('dead.replayAll')} title={t('dead.replayAllTitle')} text={t('dead.replayAllText')} done={(n) => t('dead.replayedAll', { count: n })} />
        </div>
      )}
      {letters.isPending && <SkeletonRows rows={4} />}
      {letters.isError && <ErrorRetry error={letters.error} retry={() => void letters.refetch()} />}
      {letters.isSuccess && items.length === 0 && (filtered || !failed) && (
        <EmptyState icon={<IconMoodCheck size={28} stroke={1.5} />} title={t(filtered ? 'dead.noMatch' : 'dead.none')} text={t(filtered ? 'dead.noMatchText' : 'dead.noneText')} />
      )}
      {items.length > 0 && (
        <ul className={css.list}>
          {items.map((letter) => (
            <Letter key={letter.id} letter={letter} />
          ))}
        </ul>
      )}
      {letters.hasNextPage && (
        <div className={css.more}>
          <Button variant="default" loading={letters.isFetchingNextPage} onClick={() => void letters.fetchNextPage()}>
            {t('dead.more')}
          </Button>
        </div>
      )}
      <DiscardedLetters />
    </>
  );
}
