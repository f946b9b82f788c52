import { useSearch } from '@tanstack/react-router';
import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useShallow } from 'zustand/react/shallow';
import { api } from '~/shared/api/client';
import type { Conversation, Page } from '~/shared/api/types';
import { keepConversations } from '~/shared/realtime/actions';
import { whenLive } from '~/shared/realtime/live';
import { useLive } from '~/shared/realtime/store';
import { BidiText } from '~/shared/ui/BidiText';
import { compareBy, matches, toQuery, type Filters } from './filters';

export function ConversationList({ openId }: { openId: string }) {
  const filters: Filters = useSearch({ from: '/app/inbox' });
  useQuery({
    queryKey: ['conversations', filters],
    queryFn: async () => {
      await whenLive();
      const page = await api.get<Page<Conversation>>('/conversations', toQuery(filters));
      keepConversations(page.items);
      return page.next_cursor ?? '';
    },
  });
  const items = useLive(
    useShallow((s) => Object.values(s.conversations).filter((c) => matches(filters, c, s.me?.user.id ?? '')).sort(compareBy(filters.sort))),
  );
  return items.map((c) => (
    <Link key={c.id} to="/inbox/$conversationId" params={{ conversationId: c.id }} search data-testid="conversation-row" data-conversation-id={c.id} aria-current={c.id === openId}>
      <bdi>{c.contact.name}</bdi> <BidiText text={c.last_message?.text ?? ''} />
    </Link>
  ));
}
