import { IconClock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { formatDateTime } from '~/shared/i18n/format';
import { retryMessage } from '~/shared/realtime/outbox';
import { useMessages, type ThreadMessage } from '~/shared/realtime/store';
import { cancelMessage, editScheduled } from '~/shared/realtime/undo';
import { BidiText } from '~/shared/ui/BidiText';
import { toastError } from '~/shared/ui/toast';
import { useQuoteText } from '../thread/content/Quote';
import css from './Composer.module.css';
import { goOnWriting } from './focus';
import { quoteOf } from './send';

/** What waits for its time, between the thread and the field: it has not been said yet. */
export function ScheduledList({ conversationId }: { conversationId: string }) {
  const { t } = useTranslation(['composer', 'common']);
  const text = useQuoteText();
  const waiting = useMessages(conversationId).items.filter((m) => m.status === 'scheduled');
  if (waiting.length === 0) return null;
  const then = (work: (m: ThreadMessage) => Promise<void>, m: ThreadMessage) => () => void work(m).then(goOnWriting, toastError);
  return (
    <ul className={css.scheduled} aria-label={t('later.list')}>
      {waiting.map((m) => (
        <li key={m.client_id || m.id} className={css.notice} data-tone="info" data-clamp data-testid="scheduled">
          <IconClock size={18} stroke={1.7} aria-hidden />
          <span>
            <strong>{m.send_at && formatDateTime(m.send_at)}</strong> <bdi><BidiText text={text(quoteOf(m))} /></bdi>
            {m.cancel_if_answered && <small> · {t('later.unanswered')}</small>}
          </span>
          <div className={css.noticeButtons}>
            <button type="button" className={css.noticeButton} data-second disabled={!!m.local} onClick={then(retryMessage, m)} data-testid="scheduled-now">{t('later.now')}</button>
            <button type="button" className={css.noticeButton} data-second disabled={!!m.local} onClick={then(editScheduled, m)} data-testid="scheduled-edit">{t('later.edit')}</button>
            <button type="button" className={css.noticeButton} data-second disabled={!!m.local} onClick={then(cancelMessage, m)} data-testid="scheduled-cancel">{t('common:action.cancel')}</button>
          </div>
        </li>
      ))}
    </ul>
  );
}
