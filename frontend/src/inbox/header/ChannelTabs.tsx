import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '~/shared/api/types';
import { usePerson } from '../customer/person';
import css from './ChannelTabs.module.css';

/** One conversation or everything with the customer, where there is more than one. */
export function ChannelTabs({ conversation, everything }: { conversation: Conversation; everything: boolean }) {
  const { t } = useTranslation('inbox');
  const navigate = useNavigate();
  const { conversations } = usePerson(conversation.contact.id);
  if (conversations.length < 2 && !everything) return null;
  const show = (said: 'all' | undefined) => void navigate({ to: '.', search: (s) => ({ ...s, said, message: undefined }) });
  return (
    <div className={css.tabs} role="radiogroup" aria-label={t('said.label')}>
      <button type="button" role="radio" aria-checked={!everything} onClick={() => show(undefined)} data-testid="said-channel">{t('said.channel')}</button>
      <button type="button" role="radio" aria-checked={everything} onClick={() => show('all')} data-testid="said-all">{t('said.all')}</button>
    </div>
  );
}
