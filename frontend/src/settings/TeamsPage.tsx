import { Button } from '@mantine/core';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTeams, useUsers } from '~/shared/api/queries';
import type { Team } from '~/shared/api/types';
import { formatNumber } from '~/shared/i18n/format';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import css from './Settings.module.css';
import { TeamForm } from './TeamForm';

/** So many members are named in the list; of the others there is the number. */
const named = 4;

export function TeamsPage() {
  const { t } = useTranslation('settings');
  const teams = useTeams();
  const [editing, setEditing] = useState<Team | 'new' | null>(null);
  const add = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setEditing('new')} data-testid="team-new">
      {t('teams.add')}
    </Button>
  );
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('teams.title')}</h2>
        {!!teams.data?.length && add}
      </div>
      <p className={css.lead}>{t('teams.lead')}</p>
      {teams.isPending && <SkeletonRows rows={3} />}
      {teams.isError && <ErrorRetry error={teams.error} retry={() => void teams.refetch()} />}
      {teams.data?.length === 0 && <EmptyState icon={<IconUsersGroup size={28} stroke={1.5} />} title={t('teams.none')} text={t('teams.noneText')} action={add} />}
      {!!teams.data?.length && (
        <ul className={css.list}>
          {teams.data.map((team) => (
            <li key={team.id}>
              <TeamRow team={team} onOpen={() => setEditing(team)} />
            </li>
          ))}
        </ul>
      )}
      {editing && <TeamForm team={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </>
  );
}

function TeamRow({ team, onOpen }: { team: Team; onOpen: () => void }) {
  const { t } = useTranslation('settings');
  const users = useUsers().data ?? [];
  const members = users.filter((user) => team.member_ids.includes(user.id)).slice(0, named);
  const count = team.member_ids.length;
  return (
    <button type="button" className={css.item} onClick={onOpen} data-testid="team-row">
      <span className={css.kind}>
        <IconUsersGroup size={20} stroke={1.6} aria-hidden />
      </span>
      <span className={css.itemText}>
        <strong>
          <bdi>{team.name}</bdi>
        </strong>
        <span>
          {members.map((user, n) => (
            <span key={user.id}>
              {n > 0 && ' · '}
              <bdi>{user.name}</bdi>
            </span>
          ))}
          {count === 0 && t('teams.nobody')}
          {count > members.length && members.length > 0 && ' …'}
        </span>
      </span>
      {count > 0 && <span className={css.state}>{t('teams.count', { count, formatParams: { count: formatNumber(count) } })}</span>}
    </button>
  );
}
