import { IconCheck, IconChevronDown, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useChannels, useCounts, useUsers } from '~/shared/api/queries';
import type { ConversationStatus } from '~/shared/api/types';
import { formatNumber } from '~/shared/i18n/format';
import { LabelName, useLabelNames } from '~/shared/desk/Labels';
import { useLive } from '~/shared/realtime/store';
import { Avatar, ChannelIcon } from '~/shared/ui/Avatar';
import { useChannelName } from '~/shared/ui/channelName';
import { Menu } from '~/shared/ui/Menu';
import css from './ConversationList.module.css';
import { isFiltered, levels, statuses, views, type Filters } from './filters';
import { useFilters } from './useFilters';

/** Whose conversations, and which of them. */
export function FilterBar() {
  const { t } = useTranslation('inbox');
  const { filters, setFilters } = useFilters();
  const counts = useCounts().data;
  return (
    <>
      <div className={css.views} role="tablist" aria-label={t('view.label')}>
        {views.map((view) => {
          const selected = !filters.saved && !filters.queue && !filters.agent && (filters.view ?? 'all') === view;
          return (
            <button
              key={view}
              type="button"
              role="tab"
              aria-selected={selected}
              data-testid={`filter-${view}`}
              onClick={() => setFilters({ ...filters, view: view === 'all' ? undefined : view, saved: undefined, queue: undefined, agent: undefined })}
            >
              {t(`view.${view}`)}
              {/* The gateway counts whole views: beside a narrower list its numbers would be of something else. */}
              {counts && !isFiltered(filters) && <span className={css.count}>{formatNumber(counts[view])}</span>}
            </button>
          );
        })}
      </div>
      <div className={css.chips}>
        <button
          type="button"
          className={css.chip}
          aria-pressed={!!filters.unread}
          data-testid="filter-unread"
          onClick={() => setFilters({ ...filters, unread: filters.unread ? undefined : true })}
        >
          {t('filter.unread')}
          {!!counts?.unread && <span className={css.count}>{formatNumber(counts.unread)}</span>}
        </button>
        <StatusChip filters={filters} setFilters={setFilters} />
        <AgentChip filters={filters} setFilters={setFilters} />
        <ChannelChip filters={filters} setFilters={setFilters} />
        <LabelChip filters={filters} setFilters={setFilters} />
        <LevelChip filters={filters} setFilters={setFilters} />
        {isFiltered(filters) && (
          <button type="button" className={css.clear} data-testid="filter-clear" aria-label={t('filter.clear')} title={t('filter.clear')} onClick={() => setFilters({ view: filters.view, queue: filters.queue, sort: filters.sort })}>
            <IconX size={14} />
          </button>
        )}
      </div>
    </>
  );
}

interface ChipProps {
  filters: Filters;
  setFilters: (filters: Filters) => void;
}

/** Whose conversations are shown. */
function AgentChip({ filters, setFilters }: ChipProps) {
  const { t } = useTranslation('inbox');
  const me = useLive((s) => s.me?.user.id);
  const users = useUsers().data?.filter((user) => user.active !== false || user.id === filters.agent) ?? [];
  const current = users.find(({ id }) => id === filters.agent);
  if (users.length < 2 && !filters.agent) return null;
  const show = (agent: string | undefined) => setFilters({ ...filters, view: undefined, queue: undefined, agent });
  return (
    <Chip label={current?.name ?? t('filter.agent')} active={!!filters.agent} id="agent">
      <Menu.Item leftSection={<Check on={!filters.agent} />} onClick={() => show(undefined)} data-testid="filter-agent-any">
        {t('filter.anyAgent')}
      </Menu.Item>
      {users.map(({ id, name }) => (
        <Menu.Item key={id} leftSection={<Avatar id={id} name={name} size={20} />} rightSection={<Check on={id === filters.agent} />} onClick={() => show(id)} data-testid={`filter-agent-${id}`}>
          <bdi>{id === me ? t('assign.me') : name}</bdi>
        </Menu.Item>
      ))}
    </Chip>
  );
}

const sections: { key: 'live' | ConversationStatus; status?: ConversationStatus[] }[] = [
  { key: 'live' },
  ...statuses.map((status) => ({ key: status, status: [status] })),
];

function StatusChip({ filters, setFilters }: ChipProps) {
  const { t } = useTranslation('inbox');
  const counts = useCounts().data;
  const current = filters.status?.length === 1 ? filters.status[0] : undefined;
  const countOf = (key: string) => (key === 'pending' ? counts?.pending : key === 'snoozed' ? counts?.snoozed : undefined);
  return (
    <Chip label={current ? t(`statusView.${current}`) : t('filter.status')} active={!!filters.status} id="status">
      {sections.map(({ key, status }) => (
        <Menu.Item
          key={key}
          data-testid={`filter-status-${key}`}
          leftSection={<Check on={(current ?? 'live') === key} />}
          rightSection={<span className={css.count}>{countOf(key) ? formatNumber(countOf(key) ?? 0) : ''}</span>}
          onClick={() => setFilters({ ...filters, status })}
        >
          {t(`statusView.${key}`)}
        </Menu.Item>
      ))}
    </Chip>
  );
}

function ChannelChip({ filters, setFilters }: ChipProps) {
  const { t } = useTranslation('inbox');
  const channels = useChannels().data ?? [];
  const nameOf = useChannelName();
  const current = channels.find((c) => c.id === filters.channel);
  if (channels.length < 2 && !filters.channel) return null;
  return (
    <Chip label={current ? nameOf(current) : t('filter.channel')} active={!!filters.channel} id="channel">
      <Menu.Item leftSection={<Check on={!filters.channel} />} onClick={() => setFilters({ ...filters, channel: undefined })}>
        {t('filter.anyChannel')}
      </Menu.Item>
      {channels.map((channel) => (
        <Menu.Item
          key={channel.id}
          leftSection={<ChannelIcon kind={channel.kind} size={16} />}
          rightSection={<Check on={channel.id === filters.channel} />}
          onClick={() => setFilters({ ...filters, channel: channel.id })}
        >
          <bdi>{nameOf(channel)}</bdi>
        </Menu.Item>
      ))}
    </Chip>
  );
}

function LabelChip({ filters, setFilters }: ChipProps) {
  const { t } = useTranslation('inbox');
  const labels = useLabelNames();
  if (labels.length === 0 && !filters.label) return null;
  return (
    <Chip label={filters.label ?? t('filter.label')} active={!!filters.label} id="label">
      <Menu.Item leftSection={<Check on={!filters.label} />} onClick={() => setFilters({ ...filters, label: undefined })}>
        {t('filter.anyLabel')}
      </Menu.Item>
      {labels.map((label) => (
        <Menu.Item key={label} leftSection={<Check on={label === filters.label} />} onClick={() => setFilters({ ...filters, label })}>
          <LabelName name={label} />
        </Menu.Item>
      ))}
    </Chip>
  );
}

/** What is to be looked at, and what is late. */
function LevelChip({ filters, setFilters }: ChipProps) {
  const { t } = useTranslation('inbox');
  return (
    <Chip label={filters.sla ? t(`sla.${filters.sla}`) : t('filter.sla')} active={!!filters.sla} id="sla">
      <Menu.Item leftSection={<Check on={!filters.sla} />} onClick={() => setFilters({ ...filters, sla: undefined })}>
        {t('filter.anySla')}
      </Menu.Item>
      {levels.map((level) => (
        <Menu.Item key={level} leftSection={<Check on={filters.sla === level} />} onClick={() => setFilters({ ...filters, sla: level })} data-testid={`filter-sla-${level}`}>
          {t(`sla.${level}`)}
        </Menu.Item>
      ))}
    </Chip>
  );
}

const Check = ({ on }: { on: boolean }) => <IconCheck size={16} style={{ visibility: on ? 'visible' : 'hidden' }} />;

function Chip({ label, active, id, children }: { label: string; active: boolean; id: string; children: React.ReactNode }) {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <button type="button" className={css.chip} data-active={active || undefined} data-testid={`filter-${id}`}>
          <bdi className={css.chipLabel}>{label}</bdi>
          <IconChevronDown size={13} stroke={2} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
