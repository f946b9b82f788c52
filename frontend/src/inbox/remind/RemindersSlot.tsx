import { lazy, Suspense } from 'react';
import { $api } from '~/shared/api/client';
import type { Conversation } from '~/shared/api/types';
import { loadWords } from '~/shared/i18n';
import { useActions } from '~/shared/actions/actions';
import { whenThere } from '~/shared/realtime/live';
import { useLive, useMessages } from '~/shared/realtime/store';
import { useNow } from '~/shared/ui/RelTime';
import { askReminder, askWithin, listed, useAsking } from './asking';

const Reminders = lazy(() => whenThere(async () => (await Promise.all([import('./Reminders'), loadWords('remind')]))[0]));

/** Brings the reminders where there may be something to show: some are set, I have just written, or I ask for one. */
export function RemindersSlot({ conversation }: { conversation: Conversation }) {
  const me = useLive((s) => s.me?.user.id);
  const now = useNow();
  const asks = useAsking((s) => s.asks);
  const { data } = $api.useQuery('get', '/api/v1/me/reminders', listed);
  const last = useMessages(conversation.id).items.findLast((m) => m.direction === 'out' && m.author?.id === me);
  const wrote = last !== undefined && now - Date.parse(last.created_at) < askWithin;
  const wanted = asks || wrote || data?.items.some((r) => r.conversation_id === conversation.id);
  useActions({ remind: !wanted && (() => askReminder(true)) });
  return wanted ? (
    <Suspense>
      <Reminders conversation={conversation} />
    </Suspense>
  ) : null;
}
