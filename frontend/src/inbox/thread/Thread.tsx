import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '~/shared/api/types';
import { formatTime } from '~/shared/i18n/format';
import { loadOlder, markRead } from '~/shared/realtime/actions';
import { retryMessage } from '~/shared/realtime/outbox';
import { messageKey, useMessages } from '~/shared/realtime/store';
import { BidiText } from '~/shared/ui/BidiText';
import css from './Thread.module.css';

interface Props {
  conversation: Conversation;
  /** The message that a search hit points at: it is loaded already or about to be; scroll to it and mark it. */
  highlight?: string;
}

/** The messages of one conversation. */
export function Thread({ conversation, highlight }: Props) {
  const { t } = useTranslation('thread');
  const { items, hasOlder } = useMessages(conversation.id);
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'end' });
    if (document.hasFocus()) void markRead(conversation.id);
  }, [conversation.id, items.length]);
  return (
    <div className={css.thread} role="log" aria-label={t('messages')} tabIndex={0}>
      {hasOlder && items.length > 0 && <button onClick={() => void loadOlder(conversation.id)}>↑</button>}
      {items.map((m) => (
        <article key={messageKey(m)} className={css.bubble} data-testid="message" data-message-id={m.id} data-status={m.status} data-direction={m.direction} data-type={m.type} aria-current={m.id === highlight || undefined}>
          <p dir="auto"><BidiText text={m.text} links /></p>
          <footer>
            <time dateTime={m.sent_at}>{formatTime(m.sent_at)}</time> {m.direction === 'out' && t(`status.${m.status}`)}
            {(m.status === 'failed' || m.status === 'unknown') && <button onClick={() => void retryMessage(m)}>{t('sendAgain')}</button>}
          </footer>
        </article>
      ))}
      <div ref={end} />
    </div>
  );
}
