import { IconMessageSearch } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@mantine/core';
import { $api, api, bodyOf } from '~/shared/api/client';
import type { ContactHit } from '~/shared/api/types';
import { formatNumber } from '~/shared/i18n/format';
import { keepConversations } from '~/shared/realtime/actions';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { toastError } from '~/shared/ui/toast';
import list from '../ConversationList.module.css';
import { shown, type Ways } from './Hits';
import { isNarrow, kinds, toParams, type Item, type Kind, type Narrow } from './kinds';
import { SearchFilters } from './SearchFilters';
import css from './SearchResults.module.css';

/** How many of each kind are counted, and how many of them are shown beside the others. */
const counted = 20;
const few = 4;

/** Everything the history holds for some words, in the place of the list, so that no pane is left. */
export function SearchResults({ q, openId }: { q: string; openId: string }) {
  const { t } = useTranslation('find');
  const [kind, setKind] = useState<Kind | null>(null);
  const [narrow, setNarrow] = useState<Narrow>({});
  const ways = useWays(openId);
  const query = { q, limit: counted, ...toParams(narrow) };
  const all = $api.useQuery('get', '/api/v1/search', { params: { query } }, { staleTime: 10_000, placeholderData: (before) => before });
  const there = kinds.filter((one) => (all.data?.[one]?.length ?? 0) > 0);
  const chosen = kind && there.includes(kind) ? kind : null;
  return (
    <>
      <div className={list.views} role="tablist" aria-label={t('kinds')} tabIndex={-1} onKeyDown={alongTabs}>
        {([null, ...there] as const).map((one) => (
          <button key={one ?? ''} type="button" role="tab" aria-selected={chosen === one} tabIndex={chosen === one ? 0 : -1} onClick={() => setKind(one)} data-testid={`search-kind-${one ?? 'all'}`}>
            {t(one ?? 'all')}
            {one && (
              <span className={list.count}>
                <bdi>{formatNumber(all.data?.[one]?.length ?? 0) + (all.data?.cursors[one] ? '+' : '')}</bdi>
              </span>
            )}
          </button>
        ))}
      </div>
      <SearchFilters narrow={narrow} onChange={setNarrow} />
      <div className={css.results} role="presentation" data-testid="search-results" onKeyDown={alongHits}>
        {all.isError ? (
          <ErrorRetry error={all.error} retry={() => void all.refetch()} />
        ) : all.isPending ? (
          <SkeletonRows rows={6} />
        ) : there.length === 0 ? (
          <EmptyState icon={<IconMessageSearch size={28} stroke={1.5} />} title={t('none', { q })} text={t(isNarrow(narrow) ? 'noneNarrow' : 'noneText')} />
        ) : chosen ? (
          <OneKind key={chosen} kind={chosen} query={query} ways={ways} />
        ) : (
          there.map((one) => (
            <section key={one} aria-label={t(one)}>
              <h2>
                {t(one)}
                {(all.data[one]?.length ?? 0) > few && (
                  <button type="button" onClick={() => setKind(one)} data-testid={`search-all-${one}`}>
                    {t('showAll')}
                  </button>
                )}
              </h2>
              <Items kind={one} items={(all.data[one] ?? []).slice(0, few)} ways={ways} />
            </section>
          ))
        )}
      </div>
      <span className="visually-hidden" role="status">
        {all.data && t('found', found(there.reduce((n, one) => n + (all.data[one]?.length ?? 0), 0)))}
      </span>
    </>
  );
}

const found = (count: number) => ({ count, n: formatNumber(count) });

function Items({ kind, items, ways }: { kind: Kind; items: Item[]; ways: Ways }) {
  const show = shown[kind] as (item: Item, ways: Ways) => React.ReactNode;
  return items.map((item) => show(item, ways));
}

/** All that was found of one kind, page by page. */
function OneKind({ kind, query, ways }: { kind: Kind; query: { q: string }; ways: Ways }) {
  const { t } = useTranslation('find');
  const pages = $api.useInfiniteQuery('get', '/api/v1/search', { params: { query: { ...query, kinds: kind } } }, {
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor || undefined,
    staleTime: 10_000,
  });
  if (pages.isError) return <ErrorRetry error={pages.error} retry={() => void pages.refetch()} />;
  if (pages.isPending) return <SkeletonRows rows={6} />;
  return (
    <>
      <Items kind={kind} items={pages.data.pages.flatMap((page): Item[] => page[kind] ?? [])} ways={ways} />
      {pages.hasNextPage && (
        <Button variant="subtle" size="xs" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()} data-testid="search-more">
          {t('more')}
        </Button>
      )}
    </>
  );
}

function useWays(openId: string): Ways {
  const navigate = useNavigate();
  const open = (conversationId: string, message?: string) =>
    void navigate({ to: '/inbox/$conversationId', params: { conversationId }, search: (s) => ({ ...s, message }) });
  /** A contact leads to the conversation with the newest life in it. */
  const contact = async ({ id }: ContactHit) => {
    try {
      const { items } = await bodyOf(api.GET('/api/v1/conversations', { params: { query: { contact: id, limit: 1 } } }));
      keepConversations(items);
      if (items[0]) open(items[0].id);
    } catch (cause) {
      toastError(cause);
    }
  };
  return { openId, conversation: open, contact: (one) => void contact(one), canned: () => void navigate({ to: '/settings/canned-replies' }) };
}

/** Moves the focus among the buttons that a selector finds in the element. */
function step(event: KeyboardEvent<HTMLElement>, selector: string, by: number): HTMLElement | undefined {
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>(selector)];
  const next = all[all.indexOf(document.activeElement as HTMLElement) + by];
  if (!next) return undefined;
  event.preventDefault();
  next.focus();
  return next;
}

function alongHits(event: KeyboardEvent<HTMLElement>) {
  if (event.key === 'ArrowDown') step(event, '[data-testid="search-hit"]', 1);
  if (event.key === 'ArrowUp' && !step(event, '[data-testid="search-hit"]', -1)) {
    event.preventDefault();
    document.querySelector<HTMLElement>('[data-testid="search-input"]')?.focus();
  }
}

function alongTabs(event: KeyboardEvent<HTMLElement>) {
  if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
  const forward = (event.key === 'ArrowRight') === (document.documentElement.dir !== 'rtl');
  step(event, '[role="tab"]', forward ? 1 : -1)?.click();
}
