import { Button } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useActions } from '~/shared/actions/actions';
import { $api } from '~/shared/api/client';
import { useUsers } from '~/shared/api/queries';
import type { Contact, Merged } from '~/shared/api/types';
import { formatDateTime } from '~/shared/i18n/format';
import { focusWork } from '~/shared/lib/focus';
import { Avatar } from '~/shared/ui/Avatar';
import { Ltr } from '~/shared/ui/Ltr';
import { toastDone, toastError } from '~/shared/ui/toast';
import css from './CustomerPane.module.css';
import { dismissSuggestion, separate } from './person';

interface Props {
  contact: Contact;
  /** Opens the merge dialog, with the other contact or to look for one. */
  merge: (otherId: string) => void;
}

/** Who else is this person: what was merged, what may be, and the way to say so. */
export function SamePerson({ contact, merge }: Props) {
  const { t } = useTranslation('inbox');
  useActions({ merge: () => merge('') });
  return (
    <section className={css.section}>
      <h3>{t('same.title')}</h3>
      {contact.merged_from?.map((from) => <MergedRow key={from.merge_id} contact={contact} from={from} />)}
      <Suggestions contact={contact} merge={merge} />
      <Button variant="default" size="xs" leftSection={<IconUsers size={15} />} onClick={() => merge('')} data-testid="merge-open">
        {t('same.merge')}
      </Button>
    </section>
  );
}

function MergedRow({ contact, from }: { contact: Contact; from: Merged }) {
  const { t } = useTranslation('inbox');
  const by = useUsers().data?.find((u) => u.id === from.by)?.name;
  const time = formatDateTime(from.at);
  // The row goes away with what its button does.
  const undo = () => {
    focusWork();
    void separate(contact.id, from.merge_id).then(() => toastDone(t('same.separated', { name: from.name })), toastError);
  };
  return (
    <div className={css.other} data-testid="merged-from">
      <Avatar id={from.contact_id} name={from.name} size={30} />
      <span className={css.otherText}>
        <bdi>{from.name}</bdi>
        <small>{by ? t('same.mergedBy', { name: by, time }) : t('same.mergedAuto', { time })}</small>
      </span>
      <Button variant="subtle" size="compact-xs" onClick={undo} data-testid="separate">{t('same.separate')}</Button>
    </div>
  );
}

function Suggestions({ contact, merge }: Props) {
  const { t } = useTranslation('inbox');
  const { data } = $api.useQuery('get', '/api/v1/contacts/{id}/suggestions', { params: { path: { id: contact.id } } });
  const dismiss = (otherId: string) => {
    focusWork();
    void dismissSuggestion(contact.id, otherId).catch(toastError);
  };
  return (data?.items ?? []).map(({ contact: other, reasons }) => (
    <div key={other.id} className={css.other} data-testid="suggestion">
      <Avatar id={other.id} name={other.name} url={other.avatar_url} size={30} />
      <span className={css.otherText}>
        <bdi>{other.name}</bdi>
        {reasons.map((why) => (
          <small key={why.kind + why.value}>
            {t(`same.reason.${why.kind}`)} {why.kind !== 'same_name' && <Ltr>{why.value}</Ltr>}
          </small>
        ))}
      </span>
      <span className={css.otherDo}>
        <Button variant="light" size="compact-xs" onClick={() => merge(other.id)} data-testid="suggestion-merge">{t('same.look')}</Button>
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => dismiss(other.id)} data-testid="suggestion-dismiss">
          {t('same.dismiss')}
        </Button>
      </span>
    </div>
  ));
}
