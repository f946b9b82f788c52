import { useTranslation } from 'react-i18next';
import type { Card } from '~/shared/api/types';
import { Avatar } from '~/shared/ui/Avatar';
import css from './Cards.module.css';

function Person({ card }: { card: Card }) {
  const { t } = useTranslation('thread');
  const work = [card.title, card.company].filter(Boolean).join(' · ');
  return (
    <div className={css.card}>
      <Avatar id={card.phones?.[0]?.phone ?? card.name} name={card.name} size={40} />
      <div className={css.body}>
        <strong dir="auto">{card.name || t('contact.nameless')}</strong>
        {work && <span className={css.dim} dir="auto">{work}</span>}
        {card.phones?.map(({ phone }) => (
          <span key={phone}>
            <a dir="ltr" href={`tel:${phone.replace(/[^\d+]/g, '')}`}>{phone}</a>
          </span>
        ))}
        {card.emails?.map((email) => (
          <span key={email}>
            <a dir="ltr" href={`mailto:${email}`}>{email}</a>
          </span>
        ))}
        {card.addresses?.map((address) => <span key={address} className={css.dim} dir="auto">{address}</span>)}
      </div>
    </div>
  );
}

export function People({ cards }: { cards: Card[] }) {
  return (
    <div className={css.cards}>
      {cards.map((card, i) => <Person key={`${i} ${card.name}`} card={card} />)}
    </div>
  );
}
