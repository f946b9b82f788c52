import { Button } from '@mantine/core';
import { IconLayoutList, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { View } from '~/shared/api/types';
import { useViews } from '~/shared/desk/queries';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import own from '../rules/Rules.module.css';
import { useFields, useSentences } from '../rules/words';
import css from '../Settings.module.css';
import { useChangeable, useScopeName } from './scope';
import ViewForm from './ViewForm';

/** The views that people keep; the built-in ones are as they are. */
export function ViewsPage() {
  const { t } = useTranslation('desk');
  const views = useViews();
  const says = useSentences(useFields().data ?? []);
  const scopeName = useScopeName();
  const changeable = useChangeable();
  const [editing, setEditing] = useState<View | 'new' | null>(null);
  const kept = views.data?.filter(({ built_in }) => !built_in);
  const add = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setEditing('new')} data-testid="view-new">
      {t('views.add')}
    </Button>
  );
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('views.title')}</h2>
        {!!kept?.length && add}
      </div>
      <p className={css.lead}>{t('views.lead')}</p>
      {views.isPending && <SkeletonRows rows={3} />}
      {views.isError && <ErrorRetry error={views.error} retry={() => void views.refetch()} />}
      {kept?.length === 0 && <EmptyState icon={<IconLayoutList size={28} stroke={1.5} />} title={t('views.none')} text={t('views.noneText')} action={add} />}
      {!!kept?.length && (
        <ul className={css.list}>
          {kept.map((view) => (
            <li key={view.id} className={own.rule} data-testid="view-row">
              <button type="button" className={own.open} onClick={() => setEditing(view)} disabled={!changeable(view)}>
                <strong>
                  <bdi>{view.name}</bdi>
                </strong>
                <span>{says.when({ when: view.filter })}</span>
                <span>{scopeName(view)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {editing && <ViewForm view={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </>
  );
}
