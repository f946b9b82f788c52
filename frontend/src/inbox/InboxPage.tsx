import { IconMessages } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { loadConversation, openThread, setOpenConversation } from '~/shared/realtime/actions';
import { whenLive } from '~/shared/realtime/live';
import { useConversation } from '~/shared/realtime/store';
import { EmptyState } from '~/shared/ui/States';
import { Composer } from './composer/Composer';
import css from './InboxPage.module.css';
import { ConversationList } from './list/ConversationList';
import { Thread } from './thread/Thread';

export function InboxPage() {
  const { t } = useTranslation('inbox');
  const { conversationId = '' } = useParams({ strict: false });
  const conversation = useConversation(conversationId);

  useEffect(() => {
    setOpenConversation(conversationId);
    if (!conversationId) return;
    void whenLive().then(() => {
      loadConversation(conversationId).catch(() => undefined);
      return openThread(conversationId);
    });
    return () => setOpenConversation('');
  }, [conversationId]);

  return (
    <div className={css.panes} data-open={conversationId ? 'conversation' : 'list'}>
      <section className={css.list} aria-label={t('title')}>
        <ConversationList openId={conversationId} />
      </section>
      <main className={css.conversation}>
        {conversation ? (
          <>
            <Thread conversation={conversation} key={conversation.id} />
            <Composer conversation={conversation} key={`composer ${conversation.id}`} />
          </>
        ) : (
          !conversationId && <EmptyState icon={<IconMessages size={28} stroke={1.5} />} title={t('empty.pick')} text={t('empty.pickText')} />
        )}
      </main>
    </div>
  );
}
