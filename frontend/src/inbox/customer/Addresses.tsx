import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/shared/api/client';
import { useChannels } from '~/shared/api/queries';
import type { Contact } from '~/shared/api/types';
import { formatDateTime } from '~/shared/i18n/format';
import { readable, spelled } from '~/shared/lib/identity';
import { ChannelIcon } from '~/shared/ui/Avatar';
import { useErrorText } from '~/shared/ui/errors';
import { Ltr } from '~/shared/ui/Ltr';
import { toastError } from '~/shared/ui/toast';
import css from './CustomerPane.module.css';
import { addIdentity, removeIdentity } from './person';

/** Every way to reach the customer. Numbers and addresses read left to right. */
export function Addresses({ contact }: { contact: Contact }) {
  const { t } = useTranslation(['inbox', 'common']);
  const channels = useChannels().data ?? [];
  const named = contact.identities.filter((i) => i.channel_id !== '' && readable(i));
  return (
    <>
      <dl className={css.facts}>
        {contact.phones.map((phone) => (
          <div key={phone}>
            <dt>{t('customer.phone')}</dt>
            <dd>
              <a href={`tel:${phone.replace(/[^\d+]/g, '')}`} dir="ltr" data-testid="contact-phone-link">
                {spelled(phone, contact.identities)}
              </a>
              <Remove contact={contact} kind="phone" value={phone} />
            </dd>
          </div>
        ))}
        {contact.emails.map((email) => (
          <div key={email}>
            <dt>{t('customer.email')}</dt>
            <dd>
              <a href={`mailto:${email}`} dir="ltr" data-testid="contact-email-link">
                {email}
              </a>
              <Remove contact={contact} kind="email" value={email} />
            </dd>
          </div>
        ))}
        {named.map((identity) => {
          const channel = channels.find((c) => c.id === identity.channel_id);
          return (
            <div key={`${identity.channel_id} ${identity.kind} ${identity.value}`}>
              <dt className={css.via}>
                {channel && <ChannelIcon kind={channel.kind} />}
                <bdi>{channel?.name ?? identity.kind}</bdi>
              </dt>
              <dd>
                <Ltr>{readable(identity) ?? ''}</Ltr>
              </dd>
            </div>
          );
        })}
        <div>
          <dt>{t('customer.since')}</dt>
          <dd>{formatDateTime(contact.created_at)}</dd>
        </div>
      </dl>
      <AddAddress contactId={contact.id} />
    </>
  );
}

const digits = (text: string) => text.replace(/\D/g, '');

/** Takes away what somebody typed; not what a channel has shown. */
function Remove({ contact, kind, value }: { contact: Contact; kind: 'phone' | 'email'; value: string }) {
  const { t } = useTranslation('inbox');
  const same = (other: string) => (kind === 'phone' ? digits(other) === digits(value) : other.toLowerCase() === value.toLowerCase());
  if (contact.identities.some((i) => !i.typed && same(i.value))) return null;
  return (
    <ActionIcon size="xs" variant="subtle" color="gray" aria-label={t('customer.remove', { value })} title={t('customer.remove', { value })} onClick={() => void removeIdentity(contact.id, kind, value).catch(toastError)} data-testid={`remove-${kind}`}>
      <IconX size={13} />
    </ActionIcon>
  );
}

/** A phone number or an address by hand. What somebody else has already suggests that the two are one person. */
function AddAddress({ contactId }: { contactId: string }) {
  const { t } = useTranslation(['inbox', 'common']);
  const textOf = useErrorText();
  const [adding, setAdding] = useState<'phone' | 'email' | null>(null);
  const [value, setValue] = useState('');
  const [problem, setProblem] = useState('');
  const begin = (kind: 'phone' | 'email' | null) => {
    setAdding(kind);
    setValue('');
    setProblem('');
  };
  const save = async () => {
    if (!adding || !value.trim()) return begin(null);
    try {
      await addIdentity(contactId, adding, value.trim());
      begin(null);
    } catch (cause) {
      if (cause instanceof ApiError && (cause.code === 'invalid_phone' || cause.code === 'invalid_email')) {
        setProblem(t(`customer.${cause.code}`));
      } else {
        setProblem(textOf(cause).title);
      }
    }
  };
  if (!adding) {
    return (
      <div className={css.adders}>
        {(['phone', 'email'] as const).map((kind) => (
          <Button key={kind} variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => begin(kind)} data-testid={`add-${kind}`}>
            {t(`customer.add.${kind}`)}
          </Button>
        ))}
      </div>
    );
  }
  return (
    <TextInput
      autoFocus
      size="xs"
      mt={8}
      dir="ltr"
      type={adding === 'phone' ? 'tel' : 'email'}
      placeholder={adding === 'phone' ? '+972 50-123-4567' : 'name@example.com'}
      aria-label={t(`customer.add.${adding}`)}
      value={value}
      error={problem}
      onChange={(event) => setValue(event.target.value)}
      onBlur={() => !value.trim() && begin(null)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') begin(null);
        if (event.key === 'Enter' && !event.nativeEvent.isComposing) void save();
      }}
      data-testid="add-identity"
    />
  );
}
