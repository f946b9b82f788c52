import { useTranslation } from 'react-i18next';
import { formatDateTime, formatTime } from '~/shared/i18n/format';
import type { ThreadMessage } from '~/shared/realtime/store';
import { Ticks } from '~/shared/ui/Ticks';
import css from './MessageRow.module.css';

interface Props {
  message: ThreadMessage;
  historyOpen: boolean;
  toggleHistory: () => void;
}

/** Time, how far it got, and whether it was changed later. */
export function Meta({ message, historyOpen, toggleHistory }: Props) {
  const { t } = useTranslation('thread');
  const versions = message.history?.length ?? 0;
  const changed = message.deleted_at ? t('history.before') : message.edited_at ? t('history.edited') : '';
  return (
    <footer className={css.meta}>
      {changed && (versions > 0 ? (
        <button type="button" className={css.changed} aria-expanded={historyOpen} title={message.history?.map((h) => h.text).join('\n')} onClick={toggleHistory}>
          {changed}
        </button>
      ) : (
        !message.deleted_at && <span>{changed}</span>
      ))}
      <time dateTime={message.sent_at} title={formatDateTime(message.sent_at)}>{formatTime(message.sent_at)}</time>
      {message.direction === 'out' && message.type !== 'note' && <Ticks status={message.status} label={t(`status.${message.status}`)} />}
    </footer>
  );
}
