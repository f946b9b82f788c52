import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '~/shared/api/types';
import { useTyping } from '~/shared/realtime/store';
import css from './Thread.module.css';

/** The customer writes. */
export function TypingBubble({ conversation, onChange }: { conversation: Conversation; onChange: () => void }) {
  const { t } = useTranslation('thread');
  const { customer } = useTyping(conversation.id);
  useEffect(onChange, [customer, onChange]);
  if (!customer) return null;
  return (
    <div className={css.typing} data-testid="customer-typing">
      <i />
      <i />
      <i />
      <span className="visually-hidden" role="status">{t('typing', { name: conversation.contact.name })}</span>
    </div>
  );
}
