import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { closeOverlay } from '~/app/overlays';
import { $api } from '~/shared/api/client';
import { useChannels } from '~/shared/api/queries';
import type { Contact } from '~/shared/api/types';
import { Avatar } from '~/shared/ui/Avatar';
import { useErrorText } from '~/shared/ui/errors';
import css from './NewCustomer.module.css';
import { beginConversation, createContact, reaches } from './person';

/** Somebody who has not written yet: who it is, and on which channel to write first. */
export function NewCustomer() {
  const { t } = useTranslation(['inbox', 'common']);
  const textOf = useErrorText();
  const navigate = useNavigate();
  const narrow = useMediaQuery('(max-width: 767px)');
  const [form, setForm] = useState({ name: '', phone: '', email: '' });
  const [chosen, setChosen] = useState<string | null>(null);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const made = useRef<Pick<Contact, 'id'> | null>(null); // by a press whose second half failed: the next one makes no second contact
  const phones = [form.phone.trim()].filter(Boolean);
  const emails = [form.email.trim()].filter(Boolean);
  const reachable = (useChannels().data ?? []).filter((ch) => ch.status === 'active' && reaches(ch.kind, { phones, emails }));
  const channel = reachable.find((ch) => ch.id === chosen) ?? reachable[0];

  const begin = async (contactOf: () => Promise<Pick<Contact, 'id'>>) => {
    if (!channel) return;
    setBusy(true);
    try {
      const { id } = await contactOf();
      const conversation = await beginConversation(id, channel.id);
      closeOverlay();
      await navigate({ to: '/inbox/$conversationId', params: { conversationId: conversation.id } });
    } catch (cause) {
      setProblem(textOf(cause).title);
      setBusy(false);
    }
  };
  const field = (name: keyof typeof form, more: object) => (
    <TextInput label={t(`customer.${name}`)} value={form[name]} onChange={(e) => { setForm({ ...form, [name]: e.target.value }); setProblem(''); made.current = null; }} data-testid={`new-${name}`} {...more} />
  );
  return (
    <Modal opened onClose={() => closeOverlay()} fullScreen={narrow} size={460} title={t('customer.new')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <form
        className={css.form}
        onSubmit={(e) => {
          e.preventDefault();
          void begin(async () => (made.current ??= await createContact(form.name.trim(), phones, emails)));
        }}
      >
        {field('name', { 'data-autofocus': true, dir: 'auto', maxLength: 200 })}
        {field('phone', { type: 'tel', dir: 'ltr', placeholder: '+972 50-123-4567' })}
        {field('email', { type: 'email', dir: 'ltr', placeholder: 'name@example.com' })}
        <Known of={phones[0] ?? emails[0] ?? ''} open={(id) => void begin(() => Promise.resolve({ id }))} />
        <Select
          label={t('customer.writeOn')}
          placeholder={t('customer.needed')}
          disabled={!channel}
          allowDeselect={false}
          data={reachable.map((ch) => ({ value: ch.id, label: `${t(`common:channel.${ch.kind}`)} · ${ch.name}` }))}
          value={channel?.id ?? null}
          onChange={setChosen}
          data-testid="new-channel"
        />
        {problem && <p role="alert" className={css.problem}>{problem}</p>}
        <div className={css.foot}>
          <Button variant="default" onClick={() => closeOverlay()}>{t('common:action.cancel')}</Button>
          <Button type="submit" loading={busy} disabled={!channel} data-testid="new-begin">{t('customer.begin')}</Button>
        </div>
      </form>
    </Modal>
  );
}

/** Who has this number or address already: that is who is meant, most likely. */
function Known({ of, open }: { of: string; open: (contactId: string) => void }) {
  const { t } = useTranslation('inbox');
  const [q] = useDebouncedValue(of, 200);
  const { data } = $api.useQuery('get', '/api/v1/contacts', { params: { query: { q, limit: 3 } } }, {
    enabled: q.length > 5,
  });
  return data?.items.map((contact) => (
    <button key={contact.id} type="button" className={css.known} onClick={() => open(contact.id)} data-testid="new-known">
      <Avatar id={contact.id} name={contact.name} url={contact.avatar_url} size={30} />
      <span>
        <bdi>{contact.name}</bdi>
        <small>{t('customer.known')}</small>
      </span>
    </button>
  ));
}
