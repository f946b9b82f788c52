import { Button } from '@mantine/core';
import { IconClockHour4, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHours } from '~/shared/api/queries';
import type { Hours } from '~/shared/api/types';
import { Ltr } from '~/shared/ui/Ltr';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { HoursForm } from './HoursForm';
import css from './Settings.module.css';

/** When people work; a user's profile names the hours in which they are given something. */
export function HoursPage() {
  const { t } = useTranslation('settings');
  const hours = useHours();
  const [editing, setEditing] = useState<Hours | 'new' | null>(null);
  const add = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setEditing('new')} data-testid="hours-new">
      {t('hours.add')}
    </Button>
  );
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('hours.title')}</h2>
        {!!hours.data?.length && add}
      </div>
      <p className={css.lead}>{t('hours.lead')}</p>
      {hours.isPending && <SkeletonRows rows={2} />}
      {hours.isError && <ErrorRetry error={hours.error} retry={() => void hours.refetch()} />}
      {hours.data?.length === 0 && <EmptyState icon={<IconClockHour4 size={28} stroke={1.5} />} title={t('hours.none')} text={t('hours.noneText')} action={add} />}
      {!!hours.data?.length && (
        <ul className={css.list}>
          {hours.data.map((one) => (
            <li key={one.id}>
              <button type="button" className={css.item} onClick={() => setEditing(one)} data-testid="hours-row">
                <span className={css.itemText}>
                  <strong>
                    <bdi>{one.name}</bdi>
                  </strong>
                  <span>
                    <Ltr>{one.zone}</Ltr>
                  </span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {editing && <HoursForm hours={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </>
  );
}
