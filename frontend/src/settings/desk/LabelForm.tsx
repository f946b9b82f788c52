import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '~/shared/api/client';
import { invalidate } from '~/shared/api/queries';
import type { Label } from '~/shared/api/types';
import { colours } from '~/shared/desk/Labels';
import labels from '~/shared/desk/Labels.module.css';
import { inDir } from '~/shared/ui/inDir';
import css from '../Settings.module.css';
import desk from './Desk.module.css';
import { useSaving } from './save';

const seenAs = (label: Label) => ({ path: { id: label.id }, header: { 'If-Match': `"${label.version}"` } });

export function LabelForm({ label, onClose }: { label: Label | null; onClose: () => void }) {
  const { t } = useTranslation(['desk', 'common']);
  const [name, setName] = useState(label?.name ?? '');
  const [colour, setColour] = useState<Label['colour']>(label?.colour ?? 'blue');
  const { busy, refused, attempt } = useSaving(onClose, () => invalidate('/api/v1/labels'));
  const save = () => {
    const body = { name: name.trim(), colour };
    return attempt(() => (label ? api.PATCH('/api/v1/labels/{id}', { params: seenAs(label), body }) : api.POST('/api/v1/labels', { body })));
  };
  return (
    <Modal opened onClose={onClose} title={label ? <bdi>{label.name}</bdi> : t('label.add')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) void save();
        }}
      >
        <TextInput label={t('label.name')} description={label && name.trim() !== label.name ? t('label.renames') : undefined} {...inDir('auto')} required maxLength={40} data-autofocus value={name} error={refused.name} onChange={(event) => setName(event.target.value)} data-testid="label-name" />
        <fieldset className={desk.colours}>
          <legend className={css.label}>{t('label.colour')}</legend>
          {colours.map((one) => (
            <label key={one} title={t(`label.colours.${one}`)}>
              <input type="radio" name="colour" className="visually-hidden" checked={one === colour} onChange={() => setColour(one)} />
              <span className={labels.dot} data-colour={one} />
              <span className="visually-hidden">{t(`label.colours.${one}`)}</span>
            </label>
          ))}
        </fieldset>
        {label && <p className={css.help}>{t('label.deletes')}</p>}
        <div className={css.actions}>
          <Button type="submit" loading={busy} disabled={!name.trim()} data-testid="label-save">
            {t('common:action.save')}
          </Button>
          {label && (
            <Button variant="default" color="red" onClick={() => void attempt(() => api.DELETE('/api/v1/labels/{id}', { params: seenAs(label) }))} data-testid="label-remove">
              {t('common:action.delete')}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}
