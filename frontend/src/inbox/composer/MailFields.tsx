import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '~/shared/api/types';
import { setMailFields, useMailFields } from './mail';
import css from './MailFields.module.css';

/** Subject and copies of a mail. */
export function MailFields({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('composer');
  const fields = useMailFields(conversation.id);
  const [copies, setCopies] = useState(false);
  const open = copies || fields.cc !== '' || fields.bcc !== '';
  const field = (name: 'subject' | 'cc' | 'bcc', placeholder: string) => (
    <label className={css.field}>
      <span>{t(`mail.${name}`)}</span>
      <input
        dir={name === 'subject' ? 'auto' : 'ltr'}
        type={name === 'subject' ? 'text' : 'email'}
        multiple={name !== 'subject'}
        value={fields[name]}
        placeholder={placeholder}
        onChange={(e) => setMailFields(conversation.id, { [name]: e.currentTarget.value })}
        data-testid={`mail-${name}`}
      />
    </label>
  );
  return (
    <div className={css.fields}>
      <div className={css.line}>
        {field('subject', conversation.subject ?? '')}
        {!open && <button type="button" className={css.more} onClick={() => setCopies(true)} data-testid="mail-copies">{t('mail.copies')}</button>}
      </div>
      {open && field('cc', '')}
      {open && field('bcc', '')}
    </div>
  );
}
