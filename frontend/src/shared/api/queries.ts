/** What changes seldom and is asked for by REST alone: the people, the channels, who am I. */
import { QueryClient, useQuery } from '@tanstack/react-query';
import { api, ApiError } from './client';
import type { Channel, Counts, Me, Page, Template, User } from './types';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => error instanceof ApiError && error.transient && count < 2,
    },
  },
});

const items = async <T>(path: string, signal: AbortSignal) => (await api.get<Page<T>>(path, {}, signal)).items;

export const meQuery = { queryKey: ['me'], queryFn: ({ signal }: { signal: AbortSignal }) => api.get<Me>('/me', {}, signal), retry: false };

export const useUsers = () =>
  useQuery({ queryKey: ['users'], queryFn: ({ signal }) => items<User>('/users', signal) });

/** The channels; refetchInterval is for the page that waits for the first message. */
export const useChannels = (refetchInterval: number | false = false) =>
  useQuery({ queryKey: ['channels'], queryFn: ({ signal }) => items<Channel>('/channels', signal), refetchInterval });

export function useChannel(id: string): Channel | undefined {
  return useChannels().data?.find((channel) => channel.id === id);
}

export const useCounts = () =>
  useQuery({ queryKey: ['counts'], queryFn: ({ signal }) => api.get<Counts>('/conversations/counts', {}, signal) });

const useCountOf = (what: 'dead-letters' | 'failed-messages', enabled: boolean) =>
  useQuery({ queryKey: [what, 'count'], queryFn: ({ signal }) => api.get<{ count: number }>(`/${what}/count`, {}, signal), enabled }).data?.count ?? 0;

/** How many messages did not go out, for those who may look at them. */
export const useFailedCount = (enabled: boolean) => useCountOf('failed-messages', enabled);

/** How much waits for a supervisor: dead letters, and messages that did not go out. */
export const useUndoneCount = (enabled: boolean) => useCountOf('dead-letters', enabled) + useFailedCount(enabled);

export const useTemplates = (channelId: string, enabled: boolean) =>
  useQuery({ queryKey: ['templates', channelId], queryFn: ({ signal }) => items<Template>(`/channels/${channelId}/templates`, signal), enabled });
