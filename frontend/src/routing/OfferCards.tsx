import { Button, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { kindOf, oneLine } from '~/inbox/list/preview';
import { useChannel, useTeams } from '~/shared/api/queries';
import { formatNumber } from '~/shared/i18n/format';
import { useActions } from '~/shared/actions/actions';
import { useConversation } from '~/shared/realtime/conversations';
import { Avatar } from '~/shared/ui/Avatar';
import { BidiText } from '~/shared/ui/BidiText';
import { altKey } from '~/shared/lib/keyNames';
import { inDir } from '~/shared/ui/inDir';
import css from './OfferCards.module.css';
import { answerOffer, forgetOffer, useOffers, type Offer } from './offers';

/** How many are shown at once; the others come up as these are answered. */
const most = 3;

/** What is offered to me, in a corner where nobody writes. It takes no focus; its keys work everywhere, also while typing. */
export function OfferCards() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const offers = useOffers((s) => s.offers);
  const first = offers[0];
  const accept = async (offer: Offer) => {
    if (await answerOffer(offer, true)) await navigate({ to: '/inbox/$conversationId', params: { conversationId: offer.conversationId } });
  };
  useActions({ accept: first && (() => void accept(first)), decline: first && (() => void answerOffer(first, false)) });
  return (
    <section className={css.cards} aria-label={t('offer.label')}>
      {offers.slice(0, most).map((offer) => (
        <OfferCard key={offer.conversationId} offer={offer} keys={offer === first} accept={() => void accept(offer)} />
      ))}
      <span className="visually-hidden" role="status">
        {offers.length > 0 && t('offer.count', { count: offers.length })}
      </span>
    </section>
  );
}

/** Whole seconds until then; the offer goes when they are over. */
function useSecondsLeft({ conversationId, ends }: Offer): number {
  const left = () => Math.max(0, Math.ceil((ends - Date.now()) / 1000));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    const timer = setInterval(() => {
      setSeconds(left());
      if (ends <= Date.now()) forgetOffer(conversationId);
    }, 250);
    return () => clearInterval(timer);
  });
  return seconds;
}

function OfferCard({ offer, keys, accept }: { offer: Offer; keys: boolean; accept: () => void }) {
  const { t } = useTranslation(['common', 'inbox']);
  const conversation = useConversation(offer.conversationId);
  const channel = useChannel(conversation?.channel_id ?? '');
  const team = useTeams().data?.find(({ id }) => id === offer.teamId)?.name ?? '';
  const seconds = useSecondsLeft(offer);
  const [why, setWhy] = useState<string | null>(null);
  const name = conversation?.contact.name || t('inbox:row.nameless');
  return (
    <article className={css.card} data-testid="offer" data-conversation-id={offer.conversationId}>
      <header className={css.head}>
        {conversation && <Avatar id={conversation.contact.id} name={conversation.contact.name} url={conversation.contact.avatar_url} size={38} channel={channel?.kind} />}
        <span className={css.who}>
          <strong>
            <bdi>{name}</bdi>
          </strong>
          <small>
            {channel && t(`channel.${channel.kind}`)}
            {team && (
              <>
                {' · '}
                <bdi>{team}</bdi>
              </>
            )}
            {conversation && conversation.priority !== 'none' && <span className={css.priority} data-priority={conversation.priority}>{t(`inbox:priority.${conversation.priority}`)}</span>}
          </small>
        </span>
        <span className={css.clock} data-late={seconds <= 10 || undefined} role="timer" aria-label={t('offer.left', { count: seconds })} data-testid="offer-left">
          {formatNumber(seconds)}
        </span>
      </header>
      {conversation?.last_message && (
        <p className={css.text} dir="auto">
          <BidiText text={oneLine(conversation.last_message.text) || t(`inbox:preview.${kindOf(conversation.last_message)}`)} />
        </p>
      )}
      {why !== null && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void answerOffer(offer, false, why.trim());
          }}
        >
          <TextInput size="xs" autoFocus maxLength={120} {...inDir(why ? 'auto' : undefined)} placeholder={t('presence.reason')} aria-label={t('presence.reason')} value={why} onChange={(event) => setWhy(event.target.value)} data-testid="offer-reason" />
        </form>
      )}
      <div className={css.actions}>
        <Button size="xs" onClick={accept} rightSection={keys && <Keys letter="Y" />} data-testid="offer-accept">
          {t('offer.accept')}
        </Button>
        <Button size="xs" variant="default" onClick={() => void answerOffer(offer, false, why?.trim())} rightSection={keys && <Keys letter="X" />} data-testid="offer-decline">
          {t('offer.decline')}
        </Button>
        {why === null && (
          <button type="button" className={css.link} onClick={() => setWhy('')} data-testid="offer-why">
            {t('offer.why')}
          </button>
        )}
      </div>
      <Bar offer={offer} key={offer.ends} />
    </article>
  );
}

/** Runs down by itself from where it stands when it is first seen. */
function Bar({ offer: { ends, lasts } }: { offer: Offer }) {
  const [left] = useState(() => Math.max(0, ends - Date.now()));
  return <span className={css.bar} style={{ '--from': left / lasts, '--left': `${left}ms` } as React.CSSProperties} aria-hidden />;
}

const Keys = ({ letter }: { letter: string }) => (
  <kbd className={css.keys} dir="ltr" aria-hidden>
    {altKey} {letter}
  </kbd>
);
