import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { failureText } from '~/inbox/thread/failure';
import { $api, api, bodyOf } from '~/shared/api/client';
import { invalidate, useChannels, useFailedCount } from '~/shared/api/queries';
import type { FailedMessage } from '~/shared/api/types';
import { formatNumber } from '~/shared/i18n/format';
import { RelTime } from '~/shared/ui/RelTime';
import { ErrorRetry } from '~/shared/ui/States';
import { toastDone, toastError } from '~/shared/ui/toast';
import { AllAgain } from './AllAgain';
import css from './Settings.module.css';

const refresh = () => invalidate('/api/v1/failed-messages', '/api/v1/failed-messages/count');

/** Messages that did not go out, or perhaps not: to whom, why, and what can be done. Nothing is drawn while there are none. */
export function FailedMessages({ channel }: { channel: string }) {
  const { t } = useTranslation('settings');
  const count = useFailedCount(true);
  const retryAll = async (page: { limit: number; cursor: string }) => {
    const { retried, next_cursor } = await bodyOf(api.POST('/api/v1/failed-messages/retry', { params: { query: { channel, ...page } } }));
    return { count: retried, next_cursor };
  };
  const failed = $api.useInfiniteQuery('get', '/api/v1/failed-messages', { params: { query: { channel } } }, {
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor || undefined,
    staleTime: 0,
  });
  const items = failed.data?.pages.flatMap((page) => page.items) ?? [];
  if (failed.isError) return <ErrorRetry error={failed.error} retry={() => void failed.refetch()} />;
  if (items.length === 0) return null;
  return (
    <section className={css.failed} aria-labelledby="failed-title">
      <div className={css.titleRow}>
        <h3 id="failed-title">
          {t('failed.title')} <span className={css.count}>{count > 999 ? '999+' : formatNumber(count)}</span>
        </h3>
        {items.some((item) => item.message.status === 'failed') && (
          <AllAgain again={retryAll} refresh={refresh} test="failed-retry-all"
            label={t('failed.retryAll')} title={t('failed.retryAllTitle')} text={t('failed.retryAllText')} done={(n) => t('failed.retriedAll', { count: n })} />
        )}
      </div>
      <ul className={css.list}>
        {items.map((item) => (
          <Failed key={item.message.id} item={item} />
        ))}
      </ul>
      {failed.hasNextPage && (
        <div className={css.more}>
          <Button variant="default" loading={failed.isFetchingNextPage} onClick={() => void failed.fetchNextPage()}>
            {t('dead.more')}
          </Button>
        </div>
      )}
    </section>
  );
}

function Failed({ item: { message, contact, failed_at } }: { item: FailedMessage }) {
  const { t } = useTranslation(['settings', 'thread']);
  const channel = useChannels().data?.find((c) => c.id === message.channel_id);
  const [busy, setBusy] = useState(false);
  const sure = message.status === 'failed';
  const { title, detail } = sure ? failureText(message.error) : { title: t('thread:unknown.title'), detail: t('thread:unknown.detail') };
  const act = async (work: () => Promise<unknown>, done: string) => {
    setBusy(true);
    try {
      await work();
      toastDone(done);
      await refresh();
    } catch (cause) {
      toastError(cause, () => void act(work, done));
    } finally {
      setBusy(false);
    }
  };
  const again = () => act(() => api.POST('/api/v1/conversations/{id}/messages/{message_id}/retry', { params: { path: { id: message.conversation_id, message_id: message.id } } }), t('failed.retried'));
  const letGo = () => act(() => api.DELETE('/api/v1/failed-messages/{id}', { params: { path: { id: message.id } } }), t('failed.gone'));
  return (
    <li className={css.failure} data-testid="failed-message" data-status={message.status}>
      <p className={css.failureHead}>
        <strong><bdi>{contact.name}</bdi></strong>
        <span>
          {channel && <><bdi>{channel.name}</bdi> · </>}
          {message.author.name && <><bdi>{message.author.name}</bdi> · </>}
          <RelTime at={failed_at} />
        </span>
      </p>
      <p className={`${css.failureText} follow`} dir="auto">{message.text || message.attachments[0]?.name}</p>
      <p className={css.failureWhy} data-sure={sure || undefined}>
        <strong dir="auto">{title}</strong> {detail && <span dir="auto">{detail}</span>}
      </p>
      <div className={css.actions}>
        <Button size="xs" variant="default" loading={busy} onClick={() => void again()} data-testid="failed-retry">
          {t(sure ? 'thread:retry' : 'thread:sendAgain')}
        </Button>
        <Button size="xs" variant="default" component={Link} to={`/inbox/${message.conversation_id}?message=${message.id}`}>
          {t('dead.conversation')}
        </Button>
        <Button size="xs" variant="subtle" disabled={busy} onClick={() => void letGo()} data-testid="failed-letgo">
          {t('failed.letGo')}
        </Button>
      </div>
    </li>
  );
}
