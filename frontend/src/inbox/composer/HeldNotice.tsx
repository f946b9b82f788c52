import { IconPencil } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useActions } from '~/shared/actions/actions';
import { useKeyText } from '~/shared/actions/keymap';
import { takeOver, type Held } from '~/shared/realtime/lock';
import { BidiText } from '~/shared/ui/BidiText';
import css from './Composer.module.css';
import { goOnWriting } from './focus';

/** A colleague writes the answer: what they have so far, and how to take over. */
export function HeldNotice({ conversationId, held, text }: { conversationId: string; held: Held; text: string }) {
  const { t } = useTranslation('composer');
  const take = () => void takeOver(conversationId, text).then(goOnWriting);
  const key = useKeyText('takeOver');
  useActions({ takeOver: take });
  return (
    <div className={css.notice} data-tone="warn" data-clamp data-testid="held">
      <IconPencil size={18} stroke={1.7} aria-hidden />
      <span>
        <strong role="status">{t(held.taken ? 'held.taken' : 'held.by', { name: held.name })}</strong> {held.text && <bdi><BidiText text={held.text} /></bdi>}
      </span>
      <div className={css.noticeButtons}>
        <button type="button" className={css.noticeButton} onClick={take} data-testid="take-over">
          {t('held.take')} {key && <kbd dir="ltr">{key}</kbd>}
        </button>
      </div>
    </div>
  );
}
