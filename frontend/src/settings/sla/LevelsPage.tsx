import { Button } from '@mantine/core';
import { IconPlus, IconTargetArrow } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api } from '~/shared/api/client';
import { invalidate, queryClient, useHours } from '~/shared/api/queries';
import type { Policy } from '~/shared/api/types';
import { mayManageChannels } from '~/shared/lib/health';
import { useLive } from '~/shared/realtime/store';
import { isolate } from '~/shared/ui/bidi';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { toastError } from '~/shared/ui/toast';
import css from '../Settings.module.css';
import { OrderedRows } from '../rules/OrderedRows';
import { useFields, useSentences } from '../rules/words';
import { LevelForm } from './LevelForm';
import { promised } from './levels';

const query = $api.queryOptions('get', '/api/v1/sla-policies', {});

export function LevelsPage() {
  const { t } = useTranslation(['settings', 'common']);
  const levels = $api.useQuery('get', '/api/v1/sla-policies', {});
  const fields = useFields().data ?? [];
  const hours = useHours().data ?? [];
  const says = useSentences(fields);
  const manages = mayManageChannels(useLive((s) => s.me?.user.role) ?? 'agent');
  const [editing, setEditing] = useState<Policy | 'new' | null>(null);
  const items = levels.data?.items ?? [];
  const place = (ids: string[]) =>
    queryClient.setQueryData<{ items: Policy[]; next_cursor: string }>(query.queryKey, (known) => known && { ...known, items: ids.flatMap((id) => known.items.filter((one) => one.id === id)) });
  const drop = async () => {
    const now = queryClient.getQueryData<{ items: Policy[] }>(query.queryKey)?.items ?? [];
    try {
      await api.PUT('/api/v1/sla-policies/order', { body: { ids: now.map(({ id }) => id) } });
    } catch (cause) {
      toastError(cause);
    }
    await invalidate('/api/v1/sla-policies');
  };
  const times = (policy: Policy) => {
    const parts = promised(policy).map(({ metric, span }) => `${t(`sla.metric.${metric}`)}: ${span}`);
    const by = policy.business_hours_id && isolate(hours.find(({ id }) => id === policy.business_hours_id)?.name ?? '');
    return [...parts, by].filter(Boolean).join(' · ');
  };
  const add = manages && (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setEditing('new')} data-testid="level-new">
      {t('sla.add')}
    </Button>
  );
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('sla.title')}</h2>
        {items.length > 0 && add}
      </div>
      <p className={css.lead}>{t('sla.lead')}</p>
      {levels.isPending && <SkeletonRows rows={3} />}
      {levels.isError && <ErrorRetry error={levels.error} retry={() => void levels.refetch()} />}
      {levels.data && items.length === 0 && <EmptyState icon={<IconTargetArrow size={28} stroke={1.5} />} title={t('sla.none')} text={t('sla.noneText')} action={add} />}
      {items.length > 0 && (
        <OrderedRows
          items={items}
          manages={manages}
          onOpen={setEditing}
          onPlace={place}
          onDrop={() => void drop()}
          says={(policy) => [says.when(policy), times(policy)]}
        />
      )}
      {editing && <LevelForm level={editing === 'new' ? null : editing} fields={fields} onClose={() => setEditing(null)} />}
    </>
  );
}
