import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '~/shared/api/types';
import { toastError } from '~/shared/ui/toast';
import { beginConversation } from '../customer/person';
import { useSwitch } from './ChannelMenu';
import css from './MailFields.module.css';
import type { ComposerState } from './useComposer';

interface Props {
  conversation: Conversation;
  composer: ComposerState;
}

/** Subject and recipients of a mail: those of the mail that it answers, until somebody writes others. */
export function MailFields({ conversation, composer }: Props) {
  const { t } = useTranslation('composer');
  const { mail, draft, setDraft } = composer;
  const [opened, setOpened] = useState(false);
  const open = opened || mail.cc !== '' || mail.bcc !== '' || mail.to.includes(',') || draft.mail?.to !== undefined;
  const field = (name: 'subject' | 'to' | 'cc' | 'bcc', placeholder: string) => (
    <label className={css.field}>
      <span>{t(`mail.${name}`)}</span>
      <input
        dir={name === 'subject' ? 'auto' : 'ltr'}
        type={name === 'subject' ? 'text' : 'email'}
        multiple={name !== 'subject'}
        value={mail[name]}
        placeholder={placeholder}
        onChange={(e) => setDraft({ mail: { ...draft.mail, [name]: e.currentTarget.value } })}
        data-testid={`mail-${name}`}
      />
    </label>
  );
  return (
    <div className={css.fields}>
      <div className={css.line}>
        {field('subject', conversation.subject ?? '')}
        {!open && <button type="button" className={css.more} onClick={() => setOpened(true)} data-testid="mail-copies">{t('mail.copies')}</button>}
      </div>
      <NewThread conversation={conversation} composer={composer} />
      {open && field('to', conversation.address?.value ?? '')}
      {open && field('cc', '')}
      {open && field('bcc', '')}
    </div>
  );
}

/** Another subject may be another matter: then it becomes a conversation of its own, with what was written so far. */
function NewThread({ conversation, composer }: Props) {
  const { t } = useTranslation('composer');
  const go = useSwitch();
  const { mail, moveDraft } = composer;
  const subject = mail.subject.trim();
  if (!subject || !conversation.subject || subject === conversation.subject) return null;
  const begin = async () => {
    try {
      const fresh = await beginConversation(conversation.contact.id, conversation.channel_id, subject);
      moveDraft(fresh.id);
      go(fresh.id);
    } catch (cause) {
      toastError(cause);
    }
  };
  return <button type="button" className={css.apart} onClick={() => void begin()} data-testid="mail-new-thread">{t('mail.newThread')}</button>;
}

/** What will stand under the mail; this one may go without. */
export function Signature({ composer }: { composer: ComposerState }) {
  const { t } = useTranslation('composer');
  const { mail, draft, signature, setDraft } = composer;
  if (!signature) return null;
  return (
    <label className={css.signature} data-off={mail.unsigned || undefined}>
      <input type="checkbox" checked={!mail.unsigned} onChange={(e) => setDraft({ mail: { ...draft.mail, unsigned: !e.currentTarget.checked } })} aria-label={t('mail.signature')} data-testid="mail-signature" />
      <span dir="auto">{signature}</span>
    </label>
  );
}
