import { ActionIcon, Button, Switch } from '@mantine/core';
import { IconGripVertical, IconPlus, IconRoute } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api } from '~/shared/api/client';
import { invalidate, queryClient } from '~/shared/api/queries';
import type { Rule } from '~/shared/api/types';
import { mayManageChannels } from '~/shared/lib/health';
import { useLive } from '~/shared/realtime/store';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { toastError } from '~/shared/ui/toast';
import css from '../Settings.module.css';
import { moved } from './order';
import { RuleForm } from './RuleForm';
import own from './Rules.module.css';
import { useFields, useSentences } from './words';

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
  const [held, setHeld] = useState('');
  const [said, setSaid] = useState('');
  const ids = rules.data?.items.map(({ id }) => id) ?? [];

  /** Puts a rule at a place, on screen only: `order` is what the gateway is told when it is let go. */
  const place = (id: string, to: number) => {
    const next = moved(ids, id, to);
    if (next === ids) return;
    show(inOrder(next));
    setSaid(t('rules.moved', { name: rules.data?.items.find((rule) => rule.id === id)?.name ?? '', position: to + 1 }));
  };
  const order = () => {
    const now = queryClient.getQueryData<{ items: Rule[] }>(rulesQuery.queryKey)?.items ?? [];
    return attempt(() => api.PUT('/api/v1/routing/rules/order', { body: { ids: now.map(({ id }) => id) } }));
  };
  const step = (rule: Rule, by: 1 | -1) => {
    place(rule.id, ids.indexOf(rule.id) + by);
    void order();
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
        {ids.length > 0 && add}
      </div>
      <p className={css.lead}>{t('rules.lead')}</p>
      {rules.isPending && <SkeletonRows rows={3} />}
      {rules.isError && <ErrorRetry error={rules.error} retry={() => void rules.refetch()} />}
      {rules.data && ids.length === 0 && <EmptyState icon={<IconRoute size={28} stroke={1.5} />} title={t('rules.none')} text={t('rules.noneText')} action={add} />}
      {ids.length > 0 && (
        <ol className={css.list}>
          {rules.data?.items.map((rule, n) => (
            <li
              key={rule.id}
              className={own.rule}
              data-held={held === rule.id || undefined}
              data-off={!rule.enabled || undefined}
              draggable={manages}
              onDragStart={() => setHeld(rule.id)}
              onDragOver={(event) => {
                event.preventDefault();
                if (held) place(held, n);
              }}
              onDragEnd={() => {
                setHeld('');
                void order();
              }}
              data-testid="rule-row"
            >
              {manages && (
                <ActionIcon
                  className={own.grip}
                  aria-label={t('rules.move', { name: rule.name })}
                  title={t('rules.moveHelp')}
                  onKeyDown={(event) => {
                    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
                    event.preventDefault();
                    step(rule, event.key === 'ArrowUp' ? -1 : 1);
                  }}
                  data-testid="rule-grip"
                >
                  <IconGripVertical size={18} stroke={1.6} />
                </ActionIcon>
              )}
              <button type="button" className={own.open} onClick={() => setEditing(rule)} disabled={!manages}>
                <strong>
                  <bdi>{rule.name}</bdi>
                </strong>
                <span data-testid="rule-when">{says.when(rule)}</span>
                <span>
                  {t('rules.then')} {says.does(rule) || t('rules.nothing')}
                  {rule.go_on && ` · ${t('rules.goOnShort')}`}
                </span>
              </button>
              <Switch checked={rule.enabled} disabled={!manages} aria-label={t('rules.enabled', { name: rule.name })} onChange={(event) => turn(rule, event.target.checked)} data-testid="rule-enabled" />
            </li>
          ))}
        </ol>
      )}
      <span className="visually-hidden" role="status">
        {said}
      </span>
      {editing && <RuleForm rule={editing === 'new' ? null : editing} fields={fields} onClose={() => setEditing(null)} />}
    </>
  );
}
