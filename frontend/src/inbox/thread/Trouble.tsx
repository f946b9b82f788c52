import { useTranslation } from 'react-i18next';
import { discardMessage, retryMessage } from '~/shared/realtime/outbox';
import type { ThreadMessage } from '~/shared/realtime/store';
import { focusWork } from '~/shared/lib/focus';
import { toastError } from '~/shared/ui/toast';
import { goOnWriting } from '../composer/focus';
import { failureText } from './failure';
import css from './MessageRow.module.css';

/** Under a message that did not go, or may not have gone: why, and what can be done. */
export function Trouble({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation('thread');
  const failed = message.status === 'failed';
  const { title, detail } = failed ? failureText(message.error) : { title: t('unknown.title'), detail: t('unknown.detail') };
  // Both buttons go away with what they do.
  const retry = () => {
    goOnWriting();
    void retryMessage(message).catch(toastError);
  };
  const discard = () => {
    focusWork();
    discardMessage(message);
  };
  return (
    <div className={css.trouble} data-status={message.status}>
      <p>
        <strong dir="auto">{title}</strong>
        {detail && <span dir="auto">{detail}</span>}
      </p>
      <button type="button" onClick={retry} data-testid="message-retry">
        {t(failed ? 'retry' : 'sendAgain')}
      </button>
      {message.local && (
        <button type="button" onClick={discard} data-testid="message-discard">
          {t('discard')}
        </button>
      )}
    </div>
  );
}
