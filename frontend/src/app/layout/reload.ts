import { meQuery, queryClient } from '~/shared/api/queries';
import { loadConversation, setMe, showLatest } from '~/shared/realtime/actions';
import { conversations } from '~/shared/realtime/conversations';
import { useLive } from '~/shared/realtime/store';

let latest = 0;

/**
 * Loads everything on screen again: events were missed, or our role or teams changed and with them what we may see. What is shown stays
 * until the answers are there; what they do not name any more goes then.
 */
export async function reload(): Promise<void> {
  const mine = ++latest;
  const { openId } = useLive.getState();
  useLive.setState(({ threads }) => ({
    threads: Object.fromEntries(Object.entries(threads).filter(([id, thread]) => id === openId || thread.items.some((m) => m.local))),
  }));
  conversations.doubtAll();
  await Promise.allSettled([
    queryClient.fetchQuery({ ...meQuery, staleTime: 0 }).then(setMe),
    queryClient.invalidateQueries(),
    ...(openId ? [showLatest(openId), loadConversation(openId)] : []),
  ]);
  const lists = queryClient.getQueryCache().findAll({ queryKey: ['conversations'], type: 'active' });
  if (mine === latest && !lists.some((query) => query.state.isInvalidated)) conversations.forgetDoubted(openId);
}
