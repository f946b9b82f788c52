import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useChannels } from '~/shared/api/queries';
import type { Conversation } from '~/shared/api/types';
import { ChannelIcon } from '~/shared/ui/Avatar';
import { BidiText } from '~/shared/ui/BidiText';
import { RelTime } from '~/shared/ui/RelTime';
import { oneLine } from '../list/preview';
import css from './CustomerPane.module.css';
import { usePerson } from './person';

/** The customer's other conversations, on every channel. */
export function Earlier({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('inbox');
  const channels = useChannels().data ?? [];
  const contactId = conversation.contact.id;
  const { conversations, known } = usePerson(contactId);
  const others = conversations.filter((c) => c.id !== conversation.id);
  return (
    <section className={css.section}>
      <h3>{t('customer.earlier')}</h3>
      {known && others.length === 0 && <p className={css.none}>{t('customer.noEarlier')}</p>}
      {others.map((c) => {
        const channel = channels.find((x) => x.id === c.channel_id);
        return (
          <Link key={c.id} className={css.earlier} to="/inbox/$conversationId" params={{ conversationId: c.id }} search={(s) => ({ ...s, message: undefined })}>
            <span>
              {channel && <ChannelIcon kind={channel.kind} />}
              {t(`status.${c.status}`)}
            </span>
            <RelTime at={c.last_activity_at} />
            <p dir="auto" className="follow">
              <BidiText text={oneLine(c.last_message?.text ?? '')} />
            </p>
          </Link>
        );
      })}
    </section>
  );
}
