import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { api, bodyOf } from '~/shared/api/client';
import type { Conversation } from '~/shared/api/types';
import { keepConversations } from '~/shared/realtime/actions';
import { whenLive } from '~/shared/realtime/live';
import { useLive } from '~/shared/realtime/store';
import { toQuery, type Filters } from './filters';
import { holdOrder, orderOf } from './order';

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
  const wanted = useCallback(() => {
    const { conversations, me } = useLive.getState();
    return orderOf(conversations, filters, me?.user.id ?? '', boundary);
  }, [filters, boundary]);
  const [shown, setShown] = useState<{ ids: string[]; fresh: number }>(() => ({ ids: wanted(), fresh: 0 }));
  const held = useRef(false);

  const update = useCallback(() => {
    const next = wanted();
    const { conversations } = useLive.getState();
    setShown((now) => {
      // What we may no longer see goes at once, pointer or not.
      const current = now.ids.filter((id) => conversations[id]);
      const after = held.current ? holdOrder(current, next) : { ids: next, fresh: 0 };
      return sameIds(after.ids, now.ids) && after.fresh === now.fresh ? now : after;
    });
  }, [wanted]);

  // Another question replaces the list whole; the same question with more pages only lengthens it.
  const asked = useRef(filters);
  useEffect(() => {
    if (asked.current === filters) return update();
    asked.current = filters;
    setShown({ ids: wanted(), fresh: 0 });
  }, [filters, wanted, update]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const off = useLive.subscribe((state, before) => {
      if (state.conversations === before.conversations) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        update();
      }, pace);
    });
    update();
    return () => {
      off();
      clearTimeout(timer);
    };
  }, [update]);

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
