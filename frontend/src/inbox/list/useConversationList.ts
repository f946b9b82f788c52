import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { api, bodyOf } from '~/shared/api/client';
import type { Conversation } from '~/shared/api/types';
import { keepConversations } from '~/shared/realtime/actions';
import { conversations } from '~/shared/realtime/conversations';
import { whenLive } from '~/shared/realtime/live';
import type { LiveList } from '~/shared/realtime/liveList';
import { useLive } from '~/shared/realtime/store';
import { compareBy, matches, toQuery, type Filters } from './filters';
import { holdOrder } from './order';

/** The order changes at most this often. */
const pace = 250;

const sameIds = (a: string[], b: string[]) => a.length === b.length && a.every((id, i) => id === b[i]);

export interface List {
  ids: string[];
  /** How many conversations wait to take their place because the pointer is on the list. */
  fresh: number;
  loading: boolean;
  error: Error | null;
  loadMore: () => void;
  loadingMore: boolean;
  retry: () => void;
  /** Keeps the order while true. */
  hold: (held: boolean) => void;
}

/** The list for some filters: pages of REST fill the live store, and the store alone says what is shown and in which order. */
export function useConversationList(filters: Filters): List {
  const query = useInfiniteQuery({
    queryKey: ['conversations', filters],
    queryFn: async ({ pageParam }) => {
      await whenLive();
      const page = await bodyOf(api.GET('/api/v1/conversations', { params: { query: { ...toQuery(filters), cursor: pageParam, limit: 50 } } }));
      keepConversations(page.items);
      return { last: page.items.at(-1) ?? null, cursor: page.next_cursor ?? '' };
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.cursor || undefined,
    staleTime: 0,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  });
  const { isPlaceholderData, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query;
  const boundary = isPlaceholderData || !hasNextPage ? null : (query.data?.pages.at(-1)?.last ?? null);
  const { ids, fresh, hold } = useOrder(filters, boundary);
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && !isPlaceholderData) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isPlaceholderData, fetchNextPage]);
  return {
    ids,
    fresh,
    loading: query.isPending || isPlaceholderData,
    error: query.error,
    loadMore,
    loadingMore: isFetchingNextPage,
    retry: () => void refetch(),
    hold,
  };
}

function useOrder(filters: Filters, boundary: Conversation | null): Pick<List, 'ids' | 'fresh' | 'hold'> {
  const myId = useLive((s) => s.me?.user.id ?? '');
  const [shown, setShown] = useState<{ ids: string[]; fresh: number }>({ ids: [], fresh: 0 });
  const live = useRef<LiveList>(null);
  const held = useRef(false);

  const update = useCallback(() => {
    const next = live.current?.ids() ?? [];
    setShown((now) => {
      // What we may no longer see goes at once, pointer or not.
      const after = held.current ? holdOrder(now.ids.filter((id) => conversations.get(id)), next) : { ids: next, fresh: 0 };
      return sameIds(after.ids, now.ids) && after.fresh === now.fresh ? now : after;
    });
  }, []);

  // Another question replaces the list whole, before anything of it is seen.
  useLayoutEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const moved = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        update();
      }, pace);
    };
    const { list, close } = conversations.list({ wants: (c) => matches(filters, c, myId), compare: compareBy(filters.sort) }, moved);
    live.current = list;
    setShown({ ids: list.ids(), fresh: 0 });
    return () => {
      close();
      clearTimeout(timer);
    };
  }, [filters, myId, update]);

  // The same question with more pages only lengthens it.
  useLayoutEffect(() => {
    live.current?.setBoundary(boundary);
    update();
  }, [boundary, filters, update]);

  const hold = useCallback(
    (on: boolean) => {
      if (held.current === on) return;
      held.current = on;
      if (!on) update();
    },
    [update],
  );
  return useMemo(() => ({ ...shown, hold }), [shown, hold]);
}
