import { Button, Modal, TextInput } from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import { IconArrowsJoin, IconSearch } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '~/shared/api/client';
import type { Contact } from '~/shared/api/types';
import { focusWork, focusWorkIfLost } from '~/shared/lib/focus';
import { addressOf, readable } from '~/shared/lib/identity';
import { Avatar } from '~/shared/ui/Avatar';
import { Ltr } from '~/shared/ui/Ltr';
import { toastDone, toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import css from './MergeDialog.module.css';
import { mergeContacts, separate } from './person';

interface Props {
  contact: Contact;
  /** The other contact; empty: to be looked for; null: closed. */
  otherId: string | null;
  choose: (otherId: string) => void;
  close: () => void;
}

/** Makes another contact part of this one: find it, see both side by side, and know that it can be taken back. */
export function MergeDialog({ contact, otherId, choose, close }: Props) {
  const { t } = useTranslation(['inbox', 'common', 'more']);
  const narrow = useMediaQuery('(max-width: 767px)');
  const merged = useRef(false);
  return (
    <Modal
      opened={otherId !== null}
      onClose={close}
      // Who merged goes on with the work; who did not is where they were.
      onExitTransitionEnd={() => {
        if (merged.current) focusWork();
        else focusWorkIfLost();
        merged.current = false;
      }}
      fullScreen={narrow}
      size={620}
      title={t('more:merge.title')}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      {otherId === '' && <Find contact={contact} choose={choose} />}
      {otherId && <Preview contact={contact} otherId={otherId} back={() => choose('')} done={() => {
        merged.current = true;
        close();
      }} />}
    </Modal>
  );
}

function Find({ contact, choose }: { contact: Contact; choose: (id: string) => void }) {
  const { t } = useTranslation(['inbox', 'more']);
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 200);
  const { data } = $api.useQuery('get', '/api/v1/contacts', { params: { query: { q, limit: 20 } } }, {
    staleTime: 10_000,
  });
  const found = (data?.items ?? []).filter((c) => c.id !== contact.id);
  return (
    <div className={css.find}>
      <TextInput data-autofocus leftSection={<IconSearch size={16} />} placeholder={t('more:merge.search')} aria-label={t('more:merge.search')} {...inDir(typed ? 'auto' : undefined)} value={typed} onChange={(e) => setTyped(e.target.value)} data-testid="merge-search" />
      <div className={css.found}>
        {found.map((c) => (
          <button key={c.id} type="button" onClick={() => choose(c.id)} data-testid="merge-hit" data-contact-id={c.id}>
            <Avatar id={c.id} name={c.name} url={c.avatar_url} size={32} />
            <bdi className="follow">{c.name}</bdi>
            <Ltr>{addressOf(c)}</Ltr>
          </button>
        ))}
        {data && found.length === 0 && <p className={css.none}>{t('more:merge.none')}</p>}
      </div>
    </div>
  );
}


function Preview({ contact, otherId, back, done }: { contact: Contact; otherId: string; back: () => void; done: () => void }) {
  const { t } = useTranslation(['inbox', 'more']);
  const [busy, setBusy] = useState(false);
  const { data: other } = $api.useQuery('get', '/api/v1/contacts/{id}', { params: { path: { id: otherId } } }, { staleTime: 0 });
  if (!other) return <div className={css.waiting} />;
  const merge = async () => {
    setBusy(true);
    try {
      const survivor = await mergeContacts(contact.id, other.id);
      const merge_id = survivor.merged_from?.find((m) => m.contact_id === other.id)?.merge_id;
      toastDone(t('more:merge.done', { name: other.name }), merge_id ? () => void separate(survivor.id, merge_id).catch(toastError) : undefined);
      done();
    } catch (cause) {
      toastError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={css.preview}>
      <div className={css.sides}>
        <Side contact={contact} label={t('more:merge.stays')} />
        <IconArrowsJoin size={22} stroke={1.6} className="mirror" aria-hidden />
        <Side contact={other} label={t('more:merge.joins')} />
      </div>
      <ul className={css.what}>
        <li>{t('more:merge.what.messages')}</li>
        <li>{t('more:merge.what.facts')}</li>
        <li>{t('more:merge.what.undo')}</li>
      </ul>
      <div className={css.foot}>
        <Button variant="default" onClick={back}>{t('more:merge.other')}</Button>
        <Button onClick={() => void merge()} loading={busy} data-testid="merge-confirm">{t('more:merge.do')}</Button>
      </div>
    </div>
  );
}

function Side({ contact, label }: { contact: Contact; label: string }) {
  const facts = [...contact.phones, ...contact.emails, ...contact.identities.filter((i) => !/phone|email/.test(i.kind)).flatMap((i) => readable(i) ?? [])];
  return (
    <div className={css.side}>
      <small>{label}</small>
      <Avatar id={contact.id} name={contact.name} url={contact.avatar_url} size={48} />
      <strong><bdi>{contact.name}</bdi></strong>
      {facts.map((fact) => <Ltr key={fact}>{fact}</Ltr>)}
      {contact.tags.map((tag) => <bdi key={tag} className={css.tag}>{tag}</bdi>)}
    </div>
  );
}
