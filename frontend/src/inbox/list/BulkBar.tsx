import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconAlarmSnooze, IconChecklist, IconCircleCheck, IconFlag3, IconTag, IconUserPlus, IconX } from '@tabler/icons-react';
import { useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useActions } from '~/shared/actions/actions';
import { useTeams, useUsers } from '~/shared/api/queries';
import type { Priority } from '~/shared/api/types';
import { formatDateTime, formatNumber } from '~/shared/i18n/format';
import { focusWorkIfLost } from '~/shared/lib/focus';
import { firstDayOf, snoozeChoices } from '~/shared/lib/snooze';
import { useLabelNames } from '~/shared/desk/Labels';
import { useViewCounts } from '~/shared/desk/queries';
import { useLive } from '~/shared/realtime/store';
import { Menu } from '~/shared/ui/Menu';
import { useNow } from '~/shared/ui/RelTime';
import css from './Bulk.module.css';
import { useBulk } from './bulk';
import { doToAll, stopBulk, undoBulk, type BulkAction } from './bulkWork';
import { shownIds } from './place';
import { clearSelection, selectAll, selectView, useSelection } from './selection';
import { useFilters } from './useFilters';

const priorities: Priority[] = ['urgent', 'high', 'medium', 'low', 'none'];

function Actions({ label, icon, id, children }: { label: string; icon: ReactNode; id: string; children: ReactNode }) {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <ActionIcon size={30} aria-label={label} title={label} data-testid={`bulk-${id}`}>{icon}</ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{label}</Menu.Label>
        {children}
      </Menu.Dropdown>
    </Menu>
  );
}

/** How far the work on those that were selected is. */
function Progress() {
  const { t } = useTranslation(['inbox', 'more']);
  const { job, token } = useBulk();
  if (!job) return null;
  const said = t('more:bulk.working', { done: formatNumber(job.done), total: formatNumber(job.total) });
  return (
    <div className={css.bar} role="status" data-testid="bulk-progress">
      <span>{said}</span>
      <progress max={job.total} value={job.done} aria-label={said} />
      <Button size="compact-sm" variant="subtle" onClick={() => void stopBulk()}>{t('more:bulk.stop')}</Button>
      {token && <Button size="compact-sm" variant="subtle" onClick={() => void undoBulk(token)} data-testid="bulk-undo">{t('action.undo', { ns: 'common' })}</Button>}
    </div>
  );
}

/** What can be done with all that are selected. */
export function BulkBar() {
  const { t, i18n } = useTranslation(['inbox', 'more']);
  const now = useNow();
  const { ids: selected, view } = useSelection();
  const { saved } = useFilters().filters;
  const inView = useViewCounts().data?.find(({ id }) => id === saved);
  const me = useLive((s) => s.me?.user.id);
  const users = useUsers().data?.filter((user) => user.active !== false) ?? [];
  const teams = useTeams().data ?? [];
  const labels = useLabelNames();
  const [label, setLabel] = useState('');
  const bar = useRef<HTMLDivElement>(null);
  useActions({ bulk: selected.size > 0 && (() => bar.current?.querySelector<HTMLElement>('button[aria-haspopup]')?.focus()) });
  if (selected.size === 0) return <Progress />;
  const run = async (action: BulkAction) => {
    if (!(await doToAll(view ? { view_id: view } : { ids: [...selected] }, action))) return;
    clearSelection();
    focusWorkIfLost();
  };
  const item = (key: string, text: string, action: BulkAction) => (
    <Menu.Item key={key} onClick={() => void run(action)} data-testid={`bulk-${key}`}>
      <bdi>{text}</bdi>
    </Menu.Item>
  );
  return (
    <div ref={bar} className={css.bar} role="toolbar" aria-label={t('more:bulk.label')} data-testid="bulk-bar">
      <strong>{view ? t('more:bulk.whole') : t('more:bulk.count', { count: selected.size, n: formatNumber(selected.size) })}</strong>
      <ActionIcon size={30} aria-label={t('more:bulk.all')} title={t('more:bulk.all')} onClick={() => selectAll(shownIds())} data-testid="bulk-all">
        <IconChecklist size={18} stroke={1.7} />
      </ActionIcon>
      {saved && !view && (!inView || inView.more || inView.count > selected.size) && (
        <Button className={css.whole} size="compact-sm" variant="subtle" onClick={() => selectView(saved)} data-testid="bulk-view">
          {inView ? t('more:bulk.wholeOf', { n: formatNumber(inView.count) + (inView.more ? '+' : '') }) : t('more:bulk.wholeView')}
        </Button>
      )}
      <Actions id="assign" label={t('more:bulk.assign')} icon={<IconUserPlus size={18} stroke={1.7} />}>
        {users.map((user) => item(`assign-${user.id}`, user.id === me ? t('assign.me') : user.name, { action: 'assign', agent_id: user.id }))}
        {teams.map((team) => item(`assign-${team.id}`, team.name, { action: 'assign', team_id: team.id }))}
      </Actions>
      <Actions id="label" label={t('more:bulk.addLabel')} icon={<IconTag size={18} stroke={1.7} />}>
        {labels.map((one) => item(`label-${one}`, one, { action: 'add_label', label: one }))}
        <form
          className={css.new}
          onSubmit={(event) => {
            event.preventDefault();
            if (label.trim()) void run({ action: 'add_label', label: label.trim() });
          }}
        >
          <TextInput size="xs" maxLength={40} placeholder={t('more:bulk.newLabel')} aria-label={t('more:bulk.newLabel')} value={label} onChange={(event) => setLabel(event.target.value)} onKeyDown={(event) => event.stopPropagation()} />
          <Button size="xs" type="submit" variant="default">{t('more:bulk.add')}</Button>
        </form>
      </Actions>
      <Actions id="priority" label={t('more:bulk.priority')} icon={<IconFlag3 size={18} stroke={1.7} />}>
        {priorities.map((one) => item(`priority-${one}`, t(`priority.${one}`), { action: 'set_priority', priority: one }))}
      </Actions>
      <Actions id="snooze" label={t('more:bulk.snooze')} icon={<IconAlarmSnooze size={18} stroke={1.7} />}>
        {snoozeChoices(new Date(now), firstDayOf(i18n.language)).map(({ key, until }) =>
          item(`snooze-${key}`, `${t(`snooze.${key}`)} · ${formatDateTime(until)}`, { action: 'snooze', until: until.toISOString() }),
        )}
      </Actions>
      <Actions id="status" label={t('more:bulk.status')} icon={<IconCircleCheck size={18} stroke={1.7} />}>
        {(['resolved', 'pending', 'open'] as const).map((status) => item(`status-${status}`, t(`statusView.${status}`), { action: 'set_status', status }))}
      </Actions>
      <ActionIcon size={30} aria-label={t('more:bulk.clear')} title={t('more:bulk.clear')} onClick={clearSelection} data-testid="bulk-clear">
        <IconX size={18} stroke={1.7} />
      </ActionIcon>
    </div>
  );
}
