import { IconMessages, IconMessageX } from '@tabler/icons-react';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useActions } from '~/shared/actions/actions';
import { ApiError } from '~/shared/api/client';
import { focusWork, listId, mainId } from '~/shared/lib/focus';
import { lettersHere } from '~/shared/lib/keys';
import { loadAround, loadConversation, openThread, setOpenConversation } from '~/shared/realtime/actions';
import { listen, whenLive } from '~/shared/realtime/live';
import { useConversation } from '~/shared/realtime/conversations';
import { Lazily } from '~/shared/ui/Lazily';
import { EmptyState, ErrorRetry } from '~/shared/ui/States';
import { toggleResolved, unread } from './changes';
import { Composer } from './composer/Composer';
import { CustomerPane } from './customer/CustomerPane';
import { ConversationHeader } from './header/ConversationHeader';
import css from './InboxPage.module.css';
import { ChannelTabs } from './header/ChannelTabs';
import { ConversationList } from './list/ConversationList';
import { useMacroKeys } from './macros';
import { useMove } from './move/asking';
import { RemindersSlot } from './remind/RemindersSlot';
import { Thread } from './thread/Thread';
import { loadWords } from '~/shared/i18n';
import { useMay } from '~/shared/realtime/store';

const WatchBar = lazy(async () => {
  const [{ WatchBar: shown }] = await Promise.all([import('~/live/WatchBar'), loadWords('live')]);
  return { default: shown };
});

/** Loads what the address names and tells everybody that it is on screen, unless it is watched silently. */
function useOpen(id: string, message: string | undefined, watching: boolean): { error: unknown; loaded: boolean; retry: () => void } {
  const [error, setError] = useState<unknown>(null);
  const [loaded, setLoaded] = useState('');
  const [attempt, setAttempt] = useState(0);
  const navigate = useNavigate();
  const there = !!useConversation(id);
  // One that goes while it is open was merged into another, or is no longer ours to see: the gateway says which.
  const shown = useRef('');
  useEffect(() => {
    if (there) shown.current = id;
    else if (shown.current === id) setAttempt((n) => n + 1);
  }, [there, id]);
  useEffect(() => {
    setOpenConversation(id, watching);
    return () => setOpenConversation('');
  }, [id, watching]);
  useEffect(() => {
    setError(null);
    if (!id) return;
    let left = false;
    void whenLive().then(() => {
      if (left) return;
      loadConversation(id).then(
        (actual) => {
          if (left) return;
          if (actual === id) setLoaded(id);
          else void navigate({ to: '/inbox/$conversationId', params: { conversationId: actual }, search: (s) => s, replace: true });
        },
        (cause: unknown) => !left && setError(cause),
      );
      return message ? loadAround(id, message) : openThread(id);
    });
    return () => void (left = true);
  }, [id, message, attempt, navigate]);
  // What could not be loaded comes by itself when the line is back.
  useEffect(() => (error ? listen({ up: () => setAttempt((n) => n + 1) }) : undefined), [error]);
  return { error, loaded: id !== '' && loaded === id, retry: () => setAttempt((n) => n + 1) };
}

const MergeConversation = lazy(async () => ({ default: (await Promise.all([import('./move/MergeConversation'), loadWords('move')]))[0].MergeConversation }));

export function InboxPage() {
  const { t } = useTranslation('inbox');
  const navigate = useNavigate();
  const { conversationId = '' } = useParams({ strict: false });
  const { message, pane, said, watch } = useSearch({ from: '/app/inbox' });
  const watching = useMay('floor.watch') && !!watch;
  const conversation = useConversation(conversationId);
  useMacroKeys(conversation);
  const { asked } = useMove();
  const { error, loaded, retry } = useOpen(conversationId, message, watching);
  const there = !!conversation;
  useEffect(() => {
    // Who comes here by a link or a key works here; opening a conversation has put the caret into the composer.
    if (document.activeElement === document.body || document.activeElement?.closest('nav')) focusWork();
  }, [conversationId, there]);
  useActions({
    resolve: conversation && (() => void toggleResolved(conversation)),
    unread: conversation && conversation.inbound_count > 0 && (() => void unread(conversation)),
    customer: conversationId !== '' && (() => void navigate({ to: '.', search: (s) => ({ ...s, pane: s.pane ? undefined : 'customer' }) })),
    leave: pane && (() => void navigate({ to: '.', search: (s) => ({ ...s, pane: undefined }) })),
  });

  // Not there, or there until we lost sight of it.
  const gone = loaded || (error instanceof ApiError && error.status === 404);
  return (
    <div className={css.panes} data-open={conversationId ? 'conversation' : 'list'} data-pane={pane}>
      <section className={css.list} id={listId} tabIndex={-1} {...lettersHere} aria-label={t('title')}>
        <ConversationList openId={conversationId} />
      </section>
      <main className={css.conversation} id={mainId} tabIndex={-1} {...lettersHere}>
        {conversation ? (
          <>
            <ConversationHeader conversation={conversation} />
            <Lazily wanted={asked === 'merge'}>{asked === 'merge' && <MergeConversation conversation={conversation} />}</Lazily>
            <ChannelTabs conversation={conversation} everything={said === 'all'} />
            {said === 'all' ? (
              <Thread conversation={conversation} everything key={`person ${conversation.contact.id}`} />
            ) : (
              <Thread conversation={conversation} highlight={message} key={conversation.id} />
            )}
            {watching ? (
              <Suspense>
                <WatchBar conversation={conversation} key={`watch ${conversation.id}`} />
              </Suspense>
            ) : (
              <>
                <RemindersSlot conversation={conversation} key={`reminders ${conversation.id}`} />
                <Composer conversation={conversation} key={`composer ${conversation.id}`} />
              </>
            )}
          </>
        ) : gone ? (
          <EmptyState icon={<IconMessageX size={28} stroke={1.5} />} title={t('gone.title')} text={t('gone.text')} />
        ) : error ? (
          <ErrorRetry error={error} retry={retry} />
        ) : (
          !conversationId && <EmptyState icon={<IconMessages size={28} stroke={1.5} />} title={t('empty.pick')} text={t('empty.pickText')} />
        )}
      </main>
      {conversation && (
        <aside className={css.customer} aria-label={t('customer.title')} key={conversation.contact.id}>
          <CustomerPane conversation={conversation} />
        </aside>
      )}
    </div>
  );
}
