import { ActionIcon, Pill, Select, TagsInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { loadWords } from '~/shared/i18n';
import type { Conversation, ConversationType, Priority, Sentiment } from '~/shared/api/types';
import { loadContact } from '~/shared/realtime/actions';
import { LabelName, useLabelNames } from '~/shared/desk/Labels';
import { useConnection, useLive } from '~/shared/realtime/store';
import { formatPercent } from '~/shared/i18n/format';
import { Avatar } from '~/shared/ui/Avatar';
import { Lazily } from '~/shared/ui/Lazily';
import { WhyHere } from '~/routing/WhyHere';
import { setLabels, setPriority, setSentiment, setType } from '../changes';
import { Addresses } from './Addresses';
import css from './CustomerPane.module.css';
import { Earlier } from './Earlier';
import { EditableName } from './EditableName';
import { SamePerson } from './SamePerson';

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
  const known = useLabelNames();
  return (
    <div className={css.form}>
      <Select
        label={t('customer.type')}
        placeholder={t('type.none')}
        size="xs"
        clearable
        data={types.map((value) => ({ value, label: t(`type.${value}`) }))}
        value={conversation.type || null}
        onChange={(value) => void setType(conversation.id, types.find((x) => x === value) ?? '')}
        data-testid="conversation-type"
      />
      <Select
        label={t('customer.priority')}
        size="xs"
        allowDeselect={false}
        data={priorities.map((value) => ({ value, label: t(`priority.${value}`) }))}
        value={conversation.priority}
        onChange={(value) => void setPriority(conversation.id, priorities.find((x) => x === value) ?? 'none')}
        data-testid="conversation-priority"
      />
      {conversation.type_source === 'classifier' && (
        <p className={css.guess} data-testid="conversation-guess">
          {t('customer.guess', { percent: formatPercent(conversation.type_confidence) })}
          {conversation.type_reason && <bdi dir="auto">{conversation.type_reason}</bdi>}
        </p>
      )}
      <Select
        label={t('customer.sentiment')}
        placeholder={t('type.none')}
        size="xs"
        allowDeselect={false}
        data={sentiments.map((value) => ({ value, label: t(`sentiment.${value}`) }))}
        value={conversation.sentiment || null}
        onChange={(value) => {
          const chosen = sentiments.find((x) => x === value);
          if (chosen) void setSentiment(conversation.id, chosen);
        }}
        data-testid="conversation-sentiment"
      />
      <TagsInput
        label={t('customer.labels')}
        placeholder={conversation.labels.length ? '' : t('customer.addLabel')}
        size="xs"
        className={css.wide}
        data={[...known]}
        renderOption={({ option }) => <LabelName name={option.value} />}
        renderPill={({ value, onRemove }) => <Pill withRemoveButton onRemove={onRemove}><LabelName name={String(value)} /></Pill>}
        maxLength={40}
        value={conversation.labels}
        onChange={(labels) => void setLabels(conversation.id, labels)}
        data-testid="conversation-labels"
      />
    </div>
  );
}
