import { Button } from '@mantine/core';
import { IconPlus, IconTags } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Label } from '~/shared/api/types';
import { LabelName } from '~/shared/desk/Labels';
import { useLabels } from '~/shared/desk/queries';
import { useMay } from '~/shared/realtime/store';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import own from '../rules/Rules.module.css';
import css from '../Settings.module.css';
import { LabelForm } from './LabelForm';

/** The labels of conversations, with their colours. */
export function LabelsPage() {
  const { t } = useTranslation('desk');
  const labels = useLabels();
  const manages = useMay('desk.manage');
  const [editing, setEditing] = useState<Label | 'new' | null>(null);
  const add = manages && (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setEditing('new')} data-testid="label-new">
      {t('label.add')}
    </Button>
  );
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('label.title')}</h2>
        {!!labels.data?.length && add}
      </div>
      <p className={css.lead}>{t('label.lead')}</p>
      {labels.isPending && <SkeletonRows rows={3} />}
      {labels.isError && <ErrorRetry error={labels.error} retry={() => void labels.refetch()} />}
      {labels.data?.length === 0 && <EmptyState icon={<IconTags size={28} stroke={1.5} />} title={t('label.none')} text={t('label.noneText')} action={add} />}
      {!!labels.data?.length && (
        <ul className={css.list}>
          {labels.data.map((label) => (
            <li key={label.id} className={own.rule} data-testid="label-row">
              <button type="button" className={own.open} onClick={() => setEditing(label)} disabled={!manages}>
                <strong>
                  <LabelName name={label.name} />
                </strong>
              </button>
            </li>
          ))}
        </ul>
      )}
      {editing && <LabelForm label={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </>
  );
}
