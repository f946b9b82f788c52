/** The queues of my teams, live, and taking the next conversation of them. */
import i18next from 'i18next';
import { $api, api } from '~/shared/api/client';
import { queryClient, useTeams } from '~/shared/api/queries';
import type { Conversation, Queue, Team } from '~/shared/api/types';
import { keepConversations } from '~/shared/realtime/actions';
import { useLive } from '~/shared/realtime/store';
import { toastDone, toastError } from '~/shared/ui/toast';

const queuesQuery = $api.queryOptions('get', '/api/v1/queues', {});

/** Puts what was heard of queues in the place of what was known. */
export function withQueue(known: Queue[], heard: Queue): Queue[] {
  const at = known.findIndex(({ team_id }) => team_id === heard.team_id);
  return at < 0 ? [...known, heard] : known.with(at, heard);
}

export function hearQueue(heard: Queue): void {
  queryClient.setQueryData<{ items: Queue[]; next_cursor: string }>(queuesQuery.queryKey, (known) => known && { ...known, items: withQueue(known.items, heard) });
}

export interface TeamQueue {
  team: Team;
  queue: Queue | undefined;
}

/** My teams with their queues, in the order of the teams' names. */
export function useMyQueues(): TeamQueue[] {
  const myId = useLive((s) => s.me?.user.id ?? '');
  const teams = (useTeams().data ?? []).filter((team) => team.member_ids.includes(myId));
  const { data } = $api.useQuery('get', '/api/v1/queues', {}, { enabled: teams.length > 0 });
  return teams.map((team) => ({ team, queue: data?.items.find(({ team_id }) => team_id === team.id) })).toSorted((a, b) => a.team.name.localeCompare(b.team.name));
}

/** Gives me the first conversation of my queues that I may take; says so where there is none. */
export async function takeNext(): Promise<Conversation | undefined> {
  try {
    const { data } = await api.POST('/api/v1/routing/next');
    if (data) keepConversations([data]);
    else toastDone(i18next.t('inbox:queue.nothing'));
    return data;
  } catch (cause) {
    toastError(cause);
    return undefined;
  }
}
