/** What changes seldom and is asked for by REST alone: the people, the channels, who am I. */
import { QueryClient } from '@tanstack/react-query';
import { $api, ApiError } from './client';
import type { paths } from './schema.gen';
import type { Activity, Channel } from './types';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => error instanceof ApiError && error.transient && count < 2,
    },
  },
});

type Readable = { [P in keyof paths]: paths[P] extends { get: object } ? P : never }[keyof paths];

/** Asks again for what these paths answered, whatever the parameters were. */
export async function invalidate(...changed: Readable[]): Promise<void> {
  await Promise.all(changed.map((path) => queryClient.invalidateQueries({ queryKey: ['get', path] })));
}

export const meQuery = $api.queryOptions('get', '/api/v1/me', {}, { retry: false, networkMode: 'always' });

export const useUsers = () => $api.useQuery('get', '/api/v1/users', { params: { query: { limit: 200 } } }, { select: (page) => page.items });

/** The teams; a workspace has no more than fit on one page. */
export const useTeams = () => $api.useQuery('get', '/api/v1/teams', { params: { query: { limit: 200 } } }, { select: (page) => page.items });

/** The workspace's skills, without those of languages, which are always there. */
export const useSkills = () => $api.useQuery('get', '/api/v1/skills', {}, { select: (page) => page.items });

/** The workspace's business hours. */
export const useHours = () => $api.useQuery('get', '/api/v1/business-hours', {}, { select: (page) => page.items });

export const channelsQuery = $api.queryOptions('get', '/api/v1/channels', {});

/** The channels; refetchInterval is for the page that waits for the first message. */
export const useChannels = (refetchInterval: number | false = false) => $api.useQuery('get', '/api/v1/channels', {}, { select: (page) => page.items, refetchInterval });

/** The health of one channel, asked for often while something is imported. */
export const useHealth = (id: string) =>
  $api.useQuery('get', '/api/v1/channels/{id}/health', { params: { path: { id } } }, {
    refetchInterval: ({ state }) => (state.data?.import && state.data.import.done >= state.data.import.total ? false : 2000),
  });

export function useChannel(id: string): Channel | undefined {
  return useChannels().data?.find((channel) => channel.id === id);
}

export const useCounts = () => $api.useQuery('get', '/api/v1/conversations/counts', {});

export const deadCountQuery = $api.queryOptions('get', '/api/v1/dead-letters/count', {});
export const failedCountQuery = $api.queryOptions('get', '/api/v1/failed-messages/count', {});

/** How many messages did not go out, for those who may look at them. */
export const useFailedCount = (enabled: boolean) => $api.useQuery('get', '/api/v1/failed-messages/count', {}, { enabled }).data?.count ?? 0;

/** How much waits for a supervisor: dead letters, and messages that did not go out. */
export function useUndoneCount(enabled: boolean): number {
  const dead = $api.useQuery('get', '/api/v1/dead-letters/count', {}, { enabled }).data?.count ?? 0;
  return dead + useFailedCount(enabled);
}

const templatesOf = (id: string) => ({ params: { path: { id } } });

export const templatesQuery = (channelId: string) => $api.queryOptions('get', '/api/v1/channels/{id}/templates', templatesOf(channelId));

export const useTemplates = (channelId: string, enabled: boolean) =>
  $api.useQuery('get', '/api/v1/channels/{id}/templates', templatesOf(channelId), { enabled, select: (page) => page.items });

const activityOf = (id: string) => ({ params: { path: { id }, query: { limit: 100 } } });

/** What was done with a conversation, newest first. */
export const useActivity = (conversationId: string) =>
  $api.useInfiniteQuery('get', '/api/v1/conversations/{id}/activity', activityOf(conversationId), {
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor || undefined,
    staleTime: 0,
    select: (data) => data.pages.flatMap((page) => page.items),
  });

type Page = { items: Activity[]; next_cursor: string };

/** Adds what just happened, where the activity of its conversation is known. */
export function addActivity(activity: Activity): void {
  const { queryKey } = $api.queryOptions('get', '/api/v1/conversations/{id}/activity', activityOf(activity.conversation_id));
  queryClient.setQueryData<{ pages: Page[]; pageParams: unknown[] }>(queryKey, (known) => {
    const [newest, ...older] = known?.pages ?? [];
    if (!known || !newest || newest.items.some((item) => item.id === activity.id)) return known;
    return { ...known, pages: [{ ...newest, items: [activity, ...newest.items] }, ...older] };
  });
}
