import { IconArrowBackUp } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatNumber } from '~/shared/i18n/format';
import { modKey } from '~/shared/lib/keyNames';
import { forgetSent, useSent, type Sent } from '~/shared/realtime/sent';
import css from './Composer.module.css';
import { isolate } from '~/shared/ui/bidi';
import { useUndo } from './useUndo';

/** The seconds that are left; at their end nothing can be taken back. */
function Countdown({ sent }: { sent: Sent }) {
  const [left, setLeft] = useState(sent.seconds);
  useEffect(() => {
    const timer = setInterval(() => {
      const rest = sent.until - performance.now();
      setLeft(Math.ceil(rest / 1000));
      if (rest <= 0) forgetSent();
    }, 250);
    return () => clearInterval(timer);
  }, [sent]);
  return <b aria-hidden>{formatNumber(left)}</b>;
}

/** For the few seconds in which what was sent can be taken back. */
export function UndoBar() {
  const { t } = useTranslation(['composer', 'common']);
  const sent = useSent((s) => s.sent);
  const undo = useUndo();
  if (!sent) return null;
  return (
    <div className={css.notice} data-tone="info" data-testid="undo-bar">
      <IconArrowBackUp size={18} stroke={1.7} className="mirror" aria-hidden />
      <span>
        <span role="status">{t('undo.sent', { name: isolate(sent.name) })}</span> <Countdown key={sent.until} sent={sent} />
      </span>
      <div className={css.noticeButtons}>
        <button type="button" className={css.noticeButton} onClick={undo} data-testid="undo-send">
          {t('common:action.undo')} <kbd dir="ltr">{modKey}+Z</kbd>
        </button>
      </div>
    </div>
  );
}
