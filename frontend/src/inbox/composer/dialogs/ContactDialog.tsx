import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconSend, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Card } from '~/shared/api/types';
import { sendMessage } from '~/shared/realtime/outbox';
import { inDir } from '~/shared/ui/inDir';
import css from './Dialogs.module.css';
import type { DialogProps } from './Dialogs';

const phoneLike = /^\+?[\d\s().-]{5,24}$/;

/** A card of what was filled in; null while something is missing or no phone number. */
export function cardOf(name: string, phones: string[], more: { email: string; company: string }): Card | null {
  const given = phones.map((p) => p.trim()).filter(Boolean);
  if (!name.trim() || given.some((p) => !phoneLike.test(p)) || (given.length === 0 && !more.email.trim())) return null;
  return {
    name: name.trim(),
    ...(given.length > 0 && { phones: given.map((phone) => ({ phone })) }),
    ...(more.email.trim() && { emails: [more.email.trim()] }),
    ...(more.company.trim() && { company: more.company.trim() }),
  };
}

export default function ContactDialog({ conversation, close }: DialogProps) {
  const { t } = useTranslation(['composer', 'more']);
  const [name, setName] = useState('');
  const [phones, setPhones] = useState(['']);
  const [email, setEmail] = useState('');
  const [company, setCompany] = useState('');
  const [tried, setTried] = useState(false);
  const card = cardOf(name, phones, { email, company });
  const phoneError = (phone: string) => (phone.trim() ? !phoneLike.test(phone.trim()) && t('more:contact.phoneInvalid') : tried && !email.trim() && phones.every((p) => !p.trim()) && t('more:contact.phoneMissing'));
  return (
    <form
      className={css.column}
      onSubmit={(e) => {
        e.preventDefault();
        setTried(true);
        if (!card) return;
        sendMessage(conversation, { type: 'contacts', contacts: [card] });
        close();
      }}
    >
      <TextInput data-autofocus label={t('more:contact.name')} value={name} {...inDir(name ? 'auto' : undefined)} error={tried && !name.trim() && t('more:contact.nameMissing')} onChange={(e) => setName(e.target.value)} data-testid="contact-name" />
      {phones.map((phone, i) => (
        <div key={i} className={css.row} style={{ alignItems: 'flex-end' }}>
          <TextInput label={t('more:contact.phone')} dir="ltr" type="tel" placeholder="+972 50-123-4567" value={phone} error={phoneError(phone)} onChange={(e) => setPhones(phones.with(i, e.target.value))} data-testid="contact-phone" />
          {phones.length > 1 && (
            <ActionIcon size={36} aria-label={t('more:contact.removePhone')} onClick={() => setPhones(phones.toSpliced(i, 1))}>
              <IconX size={16} />
            </ActionIcon>
          )}
        </div>
      ))}
      <Button variant="subtle" size="xs" style={{ alignSelf: 'flex-start' }} leftSection={<IconPlus size={14} />} onClick={() => setPhones([...phones, ''])}>{t('more:contact.addPhone')}</Button>
      <TextInput label={t('more:contact.email')} dir="ltr" type="email" value={email} onChange={(e) => setEmail(e.target.value)} />
      <TextInput label={t('more:contact.company')} value={company} {...inDir(company ? 'auto' : undefined)} onChange={(e) => setCompany(e.target.value)} />
      <div className={css.foot}>
        <Button variant="default" onClick={close}>{t('cancel')}</Button>
        <Button type="submit" rightSection={<IconSend size={16} className="mirror" />} data-testid="contact-send">{t('send')}</Button>
      </div>
    </form>
  );
}
