import { ActionIcon, Button, Select, TagsInput, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useUsers } from '~/shared/api/queries';
import type { Contact } from '~/shared/api/types';
import { toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import css from './Record.module.css';
import { changeContact } from './person';

/** What the business knows of the customer: every change is saved at once. */
export default function Record({ contact }: { contact: Contact }) {
  const { t } = useTranslation('more');
  const users = useUsers().data ?? [];
  const save = (change: Parameters<typeof changeContact>[1]) => void changeContact(contact.id, change).catch(toastError);
  const owners = users.filter((user) => user.active !== false || user.id === contact.owner_id).map((user) => ({ value: user.id, label: user.name }));
  return (
    <div className={css.record}>
      <TagsInput
        label={t('record.tags')}
        placeholder={contact.tags.length ? '' : t('record.addTag')}
        size="xs"
        maxLength={60}
        maxTags={50}
        value={contact.tags}
        onChange={(tags) => save({ tags })}
        data-testid="contact-tags"
      />
      <Select
        label={t('record.owner')}
        placeholder={t('record.nobody')}
        size="xs"
        clearable
        searchable
        data={owners}
        value={contact.owner_id ?? null}
        onChange={(owner) => save({ owner_id: owner ?? '' })}
        data-testid="contact-owner"
      />
      {Object.entries(contact.fields).sort(([a], [b]) => a.localeCompare(b)).map(([name, value]) => (
        <Field key={name} name={name} value={value} save={(next) => save({ fields: { [name]: next } })} />
      ))}
      <AddField names={Object.keys(contact.fields)} save={(name, value) => save({ fields: { [name]: value } })} />
    </div>
  );
}

/** A field: what is written is kept when the field is left or Enter is pressed; Escape leaves it as it was. */
function Field({ name, value, save }: { name: string; value: string; save: (next: string) => void }) {
  const { t } = useTranslation('more');
  const [draft, setDraft] = useState<string | null>(null);
  const keep = () => {
    if (draft !== null && draft.trim() && draft.trim() !== value) save(draft.trim());
    setDraft(null);
  };
  return (
    <TextInput
      label={<bdi>{name}</bdi>}
      size="xs"
      {...inDir('auto')}
      maxLength={2000}
      value={draft ?? value}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter') keep();
        if (event.key === 'Escape') setDraft(null);
      }}
      rightSection={
        <ActionIcon size="xs" variant="subtle" color="gray" aria-label={t('record.removeField', { name })} title={t('record.removeField', { name })} onClick={() => save('')}>
          <IconX size={13} />
        </ActionIcon>
      }
      data-testid="contact-field"
    />
  );
}

function AddField({ names, save }: { names: string[]; save: (name: string, value: string) => void }) {
  const { t } = useTranslation(['more', 'common']);
  const [adding, setAdding] = useState<{ name: string; value: string } | null>(null);
  if (!adding) {
    return (
      <Button className={css.add} variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => setAdding({ name: '', value: '' })} data-testid="contact-field-add">
        {t('record.addField')}
      </Button>
    );
  }
  const there = names.includes(adding.name.trim());
  return (
    <form
      className={css.new}
      onSubmit={(event) => {
        event.preventDefault();
        if (!adding.name.trim() || !adding.value.trim() || there) return;
        save(adding.name.trim(), adding.value.trim());
        setAdding(null);
      }}
      onKeyDown={(event) => event.key === 'Escape' && setAdding(null)}
    >
      <TextInput autoFocus size="xs" {...inDir('auto')} maxLength={60} label={t('record.fieldName')} error={there && t('record.fieldThere')} value={adding.name} onChange={(event) => setAdding({ ...adding, name: event.target.value })} data-testid="contact-field-name" />
      <TextInput size="xs" {...inDir('auto')} maxLength={2000} label={t('record.fieldValue')} value={adding.value} onChange={(event) => setAdding({ ...adding, value: event.target.value })} data-testid="contact-field-value" />
      <div className={css.actions}>
        <Button type="submit" size="compact-sm" disabled={!adding.name.trim() || !adding.value.trim() || there} data-testid="contact-field-save">
          {t('common:action.save')}
        </Button>
        <Button variant="default" size="compact-sm" onClick={() => setAdding(null)}>
          {t('common:action.cancel')}
        </Button>
      </div>
    </form>
  );
}
