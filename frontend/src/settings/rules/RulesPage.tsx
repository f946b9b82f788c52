import { Button } from '@mantine/core';
import { IconHistory, IconPlus, IconRoute } from '@tabler/icons-react';
import { lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api } from '~/shared/api/client';
import { invalidate, queryClient } from '~/shared/api/queries';
import type { Rule, RuleInput } from '~/shared/api/types';
import { mayManageChannels } from '~/shared/lib/health';
import { useLive } from '~/shared/realtime/store';
import { Lazily } from '~/shared/ui/Lazily';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { toastError } from '~/shared/ui/toast';
import css from '../Settings.module.css';
import { inputsOf, withEdited } from './order';
import { OrderedRows } from './OrderedRows';
import { RuleForm } from './RuleForm';
import own from './Rules.module.css';
import { useFields, useSentences } from './words';

const WhatIf = lazy(() => import('./WhatIf'));

const rulesQuery = $api.queryOptions('get', '/api/v1/routing/rules', {});
const show = (change: (rules: Rule[]) => Rule[]) =>
  queryClient.setQueryData<{ items: Rule[]; next_cursor: string }>(rulesQuery.queryKey, (known) => known && { ...known, items: change(known.items) });

/** Makes a change that is shown at once; when the gateway refuses it, what it has is shown again. */
async function attempt(make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
  } catch (cause) {
    toastError(cause);
  }
  await invalidate('/api/v1/routing/rules');
}

const inOrder = (ids: string[]) => (rules: Rule[]) => ids.flatMap((id) => rules.filter((rule) => rule.id === id));

export function RulesPage() {
  const { t } = useTranslation(['settings', 'common']);
  const rules = $api.useQuery('get', '/api/v1/routing/rules', {});
  const fields = useFields().data ?? [];
  const says = useSentences(fields);
  const manages = mayManageChannels(useLive((s) => s.me?.user.role) ?? 'agent');
  const [editing, setEditing] = useState<Rule | 'new' | null>(null);
  const [trying, setTrying] = useState<RuleInput[] | null>(null);
  const ids = rules.data?.items.map(({ id }) => id) ?? [];

  const order = () => {
    const now = queryClient.getQueryData<{ items: Rule[] }>(rulesQuery.queryKey)?.items ?? [];
    return attempt(() => api.PUT('/api/v1/routing/rules/order', { body: { ids: now.map(({ id }) => id) } }));
  };
  const turn = (rule: Rule, enabled: boolean) => {
    show((all) => all.map((one) => (one.id === rule.id ? { ...one, enabled } : one)));
    void attempt(() => api.PATCH('/api/v1/routing/rules/{id}', { params: { path: { id: rule.id } }, body: { enabled } }));
  };
  const add = manages && (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setEditing('new')} data-testid="rule-new">
      {t('rules.add')}
    </Button>
  );
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('rules.title')}</h2>
        {ids.length > 0 && (
          <div className={own.acts}>
            <Button variant="default" leftSection={<IconHistory size={17} />} onClick={() => setTrying(inputsOf(rules.data?.items ?? []))} data-testid="what-if-open">
              {t('whatIf.open')}
            </Button>
            {add}
          </div>
        )}
      </div>
      <p className={css.lead}>{t('rules.lead')}</p>
      {rules.isPending && <SkeletonRows rows={3} />}
      {rules.isError && <ErrorRetry error={rules.error} retry={() => void rules.refetch()} />}
      {rules.data && ids.length === 0 && <EmptyState icon={<IconRoute size={28} stroke={1.5} />} title={t('rules.none')} text={t('rules.noneText')} action={add} />}
      {ids.length > 0 && (
        <OrderedRows
          items={rules.data?.items ?? []}
          manages={manages}
          onOpen={setEditing}
          onPlace={(next) => show(inOrder(next))}
          onDrop={() => void order()}
          onTurn={turn}
          says={(rule) => [says.when(rule), `${t('rules.then')} ${says.does(rule) || t('rules.nothing')}${rule.go_on ? ` · ${t('rules.goOnShort')}` : ''}`]}
        />
      )}
      {editing && <RuleForm rule={editing === 'new' ? null : editing} fields={fields} onTry={(edited) => setTrying(withEdited(rules.data?.items ?? [], editing === 'new' ? null : editing.id, edited))} onClose={() => setEditing(null)} />}
      <Lazily wanted={trying !== null}>{trying && <WhatIf rules={trying} onClose={() => setTrying(null)} />}</Lazily>
    </>
  );
}
