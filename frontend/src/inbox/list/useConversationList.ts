import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { api, bodyOf } from '~/shared/api/client';
import type { Conversation } from '~/shared/api/types';
import { keepConversations } from '~/shared/realtime/actions';
import { conversations } from '~/shared/realtime/conversations';
import { listen, whenLive } from '~/shared/realtime/live';
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
      const part = { cursor: pageParam, limit: 50 };
      const page = await bodyOf(
        filters.saved
          ? api.GET('/api/v1/views/{id}/conversations', { params: { path: { id: filters.saved }, query: part } })
          : api.GET('/api/v1/conversations', { params: { query: { ...toQuery(filters), ...part } } }),
      );
      keepConversations(page.items);
      return { ids: page.items.map(({ id }) => id), last: page.items.at(-1) ?? null, cursor: page.next_cursor ?? '' };
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.cursor || undefined,
    staleTime: 0,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  });
  const { isPlaceholderData, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query;
  useViewRefresh(!!filters.saved, refetch);
  const pages = query.data?.pages;
  // What a kept view shows, and in which order, the gateway alone knows.
  const places = useMemo(() => (filters.saved ? new Map(pages?.flatMap((page) => page.ids).map((id, n) => [id, n])) : null), [filters.saved, pages]);
  const boundary = places || isPlaceholderData || !hasNextPage ? null : (query.data?.pages.at(-1)?.last ?? null);
  const { ids, fresh, hold } = useOrder(filters, boundary, places);
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

/** How often a kept view is asked for again while things happen. */
const refreshEvery = 1000;

/** Asks again for what a view shows when a conversation has changed. */
function useViewRefresh(on: boolean, refetch: () => unknown): void {
  useEffect(() => {
    if (!on) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const off = listen({
      frames: (frames) => {
        if (!frames.some(({ type }) => /^(conversation|assignment)\./.test(type))) return;
        timer ??= setTimeout(() => {
          timer = undefined;
          void refetch();
        }, refreshEvery);
      },
    });
    return () => {
      off();
      clearTimeout(timer);
    };
  }, [on, refetch]);
}

function useOrder(filters: Filters, boundary: Conversation | null, places: Map<string, number> | null): Pick<List, 'ids' | 'fresh' | 'hold'> {
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
    const { list, close } = conversations.list(
      places
        ? { wants: ({ id }) => places.has(id), compare: (a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0) }
        : { wants: (c) => matches(filters, c, myId), compare: compareBy(filters.sort) },
      moved,
    );
    live.current = list;
    setShown({ ids: list.ids(), fresh: 0 });
    return () => {
      close();
      clearTimeout(timer);
    };
  }, [filters, myId, places, update]);

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
