import { IconInbox, IconMoodHappy, IconSearch } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { loadWords } from '~/shared/i18n';
import { VList, type VListHandle } from 'virtua';
import { Button } from '@mantine/core';
import { useActions } from '~/shared/actions/actions';
import { formatNumber } from '~/shared/i18n/format';
import { Lazily } from '~/shared/ui/Lazily';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { QueueBar } from '~/routing/QueueBar';
import css from './ConversationList.module.css';
import { hearBulk, useBulk } from './bulk';
import { FilterBar } from './FilterBar';
import { isFiltered, type Filters } from './filters';
import { showList } from './place';
import { useFilters } from './useFilters';
import { ListHeader } from './ListHeader';
import { clearSelection, selectAll, selectTo, toggleSelected, useSelection } from './selection';
import { SelectableRow } from './SelectableRow';
import { ViewBar } from './ViewBar';
import { useCompact } from './compact';
import { useConversationList } from './useConversationList';

/** Rows ahead of the end at which the next page is asked for. */
const ahead = 12;

export function ConversationList({ openId }: { openId: string }) {
  const { q = '' } = useSearch({ from: '/app/inbox' });
  const { filters } = useFilters();
  return (
    <>
      <ListHeader q={q} />
      {q ? (
        <Suspense fallback={<SkeletonRows rows={6} height={64} />}>
          <SearchResults q={q} openId={openId} />
        </Suspense>
      ) : (
        <>
          <QueueBar />
          <ViewBar />
          <FilterBar />
          <Bulk />
          <Rows filters={filters} openId={openId} />
        </>
      )}
    </>
  );
}

const SearchResults = lazy(async () => ({ default: (await Promise.all([import('./search/SearchResults'), loadWords('find')]))[0].SearchResults }));

const BulkBar = lazy(async () => ({ default: (await Promise.all([import('./BulkBar'), loadWords('more')]))[0].BulkBar }));

/** What can be done with those that are selected, and how far that is. */
function Bulk() {
  const selecting = useSelection((s) => s.ids.size > 0);
  const working = useBulk((s) => s.job !== null);
  useEffect(hearBulk, []);
  return (
    <Lazily wanted={selecting || working}>
      <BulkBar />
    </Lazily>
  );
}

function Rows({ filters, openId }: { filters: Filters; openId: string }) {
  const { t } = useTranslation('inbox');
  const navigate = useNavigate();
  const compact = useCompact();
  const height = compact ? 40 : 66;
  const list = useConversationList(filters);
  const handle = useRef<VListHandle>(null);
  const box = useRef<HTMLDivElement>(null);
  const place = useRef({ id: '', at: 0 });

  const open = useCallback(
    (id: string) => navigate({ to: '/inbox/$conversationId', params: { conversationId: id }, search: (s) => ({ ...s, message: undefined }) }),
    [navigate],
  );

  const openRow = useCallback((id: string) => void open(id), [open]);
  const close = useCallback(() => navigate({ to: '/inbox', search: (s) => ({ ...s, message: undefined, pane: undefined }) }), [navigate]);
  useEffect(() => showList({ ids: list.ids, open, close }), [list.ids, open, close]);

  /** Where the keyboard is in the list; one that left it (it was resolved) leaves its place to the next. */
  const stand = useCallback(
    (id: string) => {
      const at = list.ids.indexOf(id);
      if (at >= 0) place.current = { id, at };
    },
    [list.ids],
  );
  useEffect(() => {
    if (openId) place.current.id = openId;
  }, [openId]);
  useEffect(() => stand(place.current.id), [stand, openId]);

  /** Moves the keyboard's place by one row, and the focus with it. */
  const move = (step: 1 | -1) => {
    const { id: last, at } = place.current;
    const known = list.ids.indexOf(last);
    const from = known < 0 && last ? at - (step === 1 ? 1 : 0) : known;
    const to = Math.max(0, Math.min(list.ids.length - 1, from + step));
    const id = list.ids[to];
    if (!id) return;
    place.current = { id, at: to };
    handle.current?.scrollToIndex(to, { align: 'nearest' });
    // The place as it is then: the focus of an earlier step that arrives late would take this one back.
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-conversation-id="${CSS.escape(place.current.id)}"]`)?.focus());
  };
  const range = useCallback((id: string) => selectTo(id, list.ids), [list.ids]);
  const selecting = useSelection((s) => s.ids.size > 0);
  /** Opens the one below or above the one that is open, with the caret where its answer is written. */
  const openBeside = (step: 1 | -1) => {
    const at = list.ids.indexOf(openId);
    const id = list.ids[at < 0 ? 0 : at + step];
    if (!id) return;
    openRow(id);
    if (at >= 0) handle.current?.scrollToIndex(at + step, { align: 'nearest' });
  };
  const some = list.ids.length > 0;
  useActions({
    next: some && (() => move(1)),
    previous: some && (() => move(-1)),
    nextOpen: some && (() => openBeside(1)),
    previousOpen: some && (() => openBeside(-1)),
    select: some && (() => place.current.id && toggleSelected(place.current.id)),
    selectTo: some && (() => place.current.id && range(place.current.id)),
    selectAll: some && (() => selectAll(list.ids)),
    leave: selecting && clearSelection,
  });
  // Another question is another list: what was selected in the last one is out of sight.
  useEffect(() => clearSelection, [filters]);

  if (list.ids.length === 0) {
    if (list.error) return <ErrorRetry error={list.error} retry={list.retry} />;
    if (list.loading) return <SkeletonRows height={height} />;
    return <Nothing filters={filters} />;
  }
  return (
    <div
      ref={box}
      className={css.rows}
      role="presentation"
      onPointerMove={(event) => event.pointerType === 'mouse' && list.hold(true)}
      onPointerLeave={() => list.hold(false)}
      onFocus={(event) => stand(event.target.getAttribute('data-conversation-id') ?? '')}
      onKeyDown={(event) => {
        list.hold(false);
        if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
        event.preventDefault();
        move(event.key === 'ArrowDown' ? 1 : -1);
      }}
    >
      {list.fresh > 0 && (
        <button type="button" className={css.fresh} onClick={() => list.hold(false)}>
          {t('list.fresh', { count: list.fresh })}
        </button>
      )}
      <VList
        ref={handle}
        data={list.ids}
        role="list"
        aria-label={t('list.label')}
        aria-busy={list.loading}
        itemSize={height}
        onScroll={() => {
          const last = handle.current ? handle.current.findItemIndex(handle.current.scrollOffset + handle.current.viewportSize) : 0;
          if (last >= list.ids.length - ahead) list.loadMore();
        }}
      >
        {(id: string) => (
          // As high as ever where the conversation has just gone: a row without height hides whichever takes its place.
          <div role="listitem" key={id} style={{ minBlockSize: height }}>
            <SelectableRow id={id} open={id === openId} compact={compact} onOpen={openRow} onRange={range} />
          </div>
        )}
      </VList>
      <span className="visually-hidden" role="status">
        {list.loadingMore ? t('list.more') : t('list.count', { count: list.ids.length, n: formatNumber(list.ids.length) })}
      </span>
    </div>
  );
}

/** Why the list is empty, and the way out of it. */
function Nothing({ filters }: { filters: Filters }) {
  const { t } = useTranslation('inbox');
  const { setFilters } = useFilters();
  if (isFiltered(filters)) {
    return (
      <EmptyState
        icon={<IconSearch size={28} stroke={1.5} />}
        title={t('none.match')}
        text={t('none.matchText')}
        action={
          <Button variant="default" size="xs" onClick={() => setFilters({ view: filters.view, queue: filters.queue })}>
            {t('filter.clear')}
          </Button>
        }
      />
    );
  }
  const place = filters.queue ? 'queue' : filters.view;
  if (place && place !== 'all') {
    return (
      <EmptyState
        icon={<IconMoodHappy size={28} stroke={1.5} />}
        title={t(`none.${place}`)}
        text={t(`none.${place}Text`)}
        action={
          <Button variant="default" size="xs" onClick={() => setFilters({ view: 'all' })}>
            {t('none.showAll')}
          </Button>
        }
      />
    );
  }
  return <EmptyState icon={<IconInbox size={28} stroke={1.5} />} title={t('none.all')} text={t('none.allText')} />;
}
