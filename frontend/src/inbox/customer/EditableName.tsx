import { TextInput } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, bodyOf } from '~/shared/api/client';
import { useLive } from '~/shared/realtime/store';
import { toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import css from './CustomerPane.module.css';

/** The customer's name: click, write, Enter. Escape leaves it as it was. */
export function EditableName({ contactId, name }: { contactId: string; name: string }) {
  const { t } = useTranslation('inbox');
  const [draft, setDraft] = useState<string | null>(null);
  const button = useRef<HTMLButtonElement>(null);

  const done = () => {
    setDraft(null);
    requestAnimationFrame(() => button.current?.focus());
  };
  const save = async (next: string) => {
    setDraft(null);
    if (!next || next === name) return;
    try {
      const contact = await bodyOf(api.PATCH('/api/v1/contacts/{id}', { params: { path: { id: contactId } }, body: { name: next } }));
      useLive.setState((s) => ({ contacts: { ...s.contacts, [contactId]: contact } }));
    } catch (cause) {
      toastError(cause, () => void save(next));
    }
  };

  if (draft === null) {
    return (
      <button ref={button} type="button" className={css.name} onClick={() => setDraft(name)} aria-label={t('customer.rename', { name })} data-testid="contact-name">
        <bdi>{name || t('row.nameless')}</bdi>
        <IconPencil size={15} stroke={1.7} aria-hidden />
      </button>
    );
  }
  return (
    <TextInput
      autoFocus
      size="sm"
      {...inDir('auto')}
      maxLength={200}
      aria-label={t('customer.name')}
      value={draft}
      onChange={(event) => setDraft(event.target.value)}
      onFocus={(event) => event.target.select()}
      onBlur={() => void save(draft.trim())}
      onKeyDown={(event) => {
        if (event.key === 'Escape') done();
        if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
          void save(draft.trim());
          done();
        }
      }}
      data-testid="contact-name-input"
    />
  );
}
