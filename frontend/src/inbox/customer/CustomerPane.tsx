import { ActionIcon } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { loadWords } from '~/shared/i18n';
import type { Conversation, ConversationType, Priority, Sentiment } from '~/shared/api/types';
import { loadContact } from '~/shared/realtime/actions';
import { LabelName } from '~/shared/desk/Labels';
import { useConnection, useLive } from '~/shared/realtime/store';
import { formatPercent } from '~/shared/i18n/format';
import { Avatar } from '~/shared/ui/Avatar';
import { Lazily } from '~/shared/ui/Lazily';
import { WhyHere } from '~/routing/WhyHere';
import { setPriority, setSentiment, setType } from '../changes';
import { Addresses } from './Addresses';
import { Choice } from './Choice';
import css from './CustomerPane.module.css';
import { Earlier } from './Earlier';
import { EditableName } from './EditableName';
import { useFieldActions } from './useFieldActions';
import { SamePerson } from './SamePerson';

const LabelsInput = lazy(() => import('./LabelsInput').then((m) => ({ default: m.LabelsInput })));
const MergeDialog = lazy(async () => ({ default: (await Promise.all([import('./MergeDialog'), loadWords('more')]))[0].MergeDialog }));

const Record = lazy(async () => (await Promise.all([import('./Record'), loadWords('more')]))[0]);

const priorities: Priority[] = ['urgent', 'high', 'medium', 'low', 'none'];
const types: Exclude<ConversationType, ''>[] = ['sales', 'support', 'complaint', 'other'];
const sentiments: Sentiment[] = ['positive', 'neutral', 'negative', 'angry'];

export function CustomerPane({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation(['inbox', 'common']);
  const navigate = useNavigate();
  const contactId = conversation.contact.id;
  const contact = useLive((s) => s.contacts[contactId]);
  const live = useConnection() === 'live';
  const [other, setOther] = useState<string | null>(null);
  const missing = !contact && live;
  useEffect(() => {
    // The name is known from the conversation; the rest of the record follows, after a lost line when that is back.
    loadContact(contactId).catch(() => undefined);
  }, [contactId, missing]);
  return (
    <>
      <div className={css.bar}>
        <h2>{t('customer.title')}</h2>
        <ActionIcon aria-label={t('common:action.close')} onClick={() => void navigate({ to: '.', search: (s) => ({ ...s, pane: undefined }) })}>
          <IconX size={20} />
        </ActionIcon>
      </div>
      <div className={css.head}>
        <Avatar id={contactId} name={conversation.contact.name} url={conversation.contact.avatar_url} size={64} />
        <EditableName contactId={contactId} name={contact?.name ?? conversation.contact.name} />
      </div>
      <section className={css.section}>
        <h3>{t('customer.contact')}</h3>
        {contact ? <Addresses contact={contact} /> : <div className={css.ghost} />}
      </section>
      <section className={css.section}>
        <h3>{t('customer.conversation')}</h3>
        <Properties conversation={conversation} />
      </section>
      <section className={css.section}>
        <h3>{t('customer.record')}</h3>
        <Suspense fallback={<div className={css.ghost} />}>{contact && <Record contact={contact} />}</Suspense>
      </section>
      <WhyHere conversation={conversation} />
      <Earlier conversation={conversation} />
      {contact && <SamePerson contact={contact} merge={setOther} />}
      <Lazily wanted={other !== null}>
        {contact && <MergeDialog contact={contact} otherId={other} choose={setOther} close={() => setOther(null)} />}
      </Lazily>
    </>
  );
}

/** What this conversation is about; every choice is saved at once. */
function Properties({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('inbox');
  const { box, back, onKeyDown } = useFieldActions();
  return (
    <div className={css.form} ref={box} role="group" aria-label={t('customer.conversation')} onKeyDown={onKeyDown}>
      <Choice
        label={t('customer.type')}
        none={t('type.none')}
        clearable
        values={types}
        nameOf={(type) => t(`type.${type}`)}
        value={conversation.type}
        choose={(type) => {
          void setType(conversation.id, type);
          back();
        }}
        testId="conversation-type"
      />
      <Choice
        label={t('customer.priority')}
        values={priorities}
        nameOf={(priority) => t(`priority.${priority}`)}
        value={conversation.priority}
        choose={(priority) => {
          if (priority) void setPriority(conversation.id, priority);
          back();
        }}
        testId="conversation-priority"
      />
      {conversation.type_source === 'classifier' && (
        <p className={css.guess} data-testid="conversation-guess">
          {t('customer.guess', { percent: formatPercent(conversation.type_confidence) })}
          {conversation.type_reason && <bdi dir="auto">{conversation.type_reason}</bdi>}
        </p>
      )}
      <Choice
        label={t('customer.sentiment')}
        none={t('type.none')}
        values={sentiments}
        nameOf={(sentiment) => t(`sentiment.${sentiment}`)}
        value={conversation.sentiment}
        choose={(sentiment) => sentiment && void setSentiment(conversation.id, sentiment)}
        testId="conversation-sentiment"
      />
      <Labels conversation={conversation} />
    </div>
  );
}

/** The labels; whoever presses them changes them. */
function Labels({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('inbox');
  const [writes, setWrites] = useState(false);
  const shown = (
    <button type="button" className={css.labels} onClick={() => setWrites(true)} data-testid="conversation-labels-change">
      {conversation.labels.map((name) => <span key={name}><LabelName name={name} /></span>)}
      {conversation.labels.length === 0 && t('customer.addLabel')}
      <IconPlus size={14} stroke={1.8} aria-hidden />
    </button>
  );
  return (
    <div className={`${css.wide} ${css.choice}`}>
      {t('customer.labels')}
      {writes ? (
        <Suspense fallback={shown}>
          <LabelsInput conversation={conversation} close={() => setWrites(false)} />
        </Suspense>
      ) : shown}
    </div>
  );
}
