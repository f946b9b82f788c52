import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useTeams } from '~/shared/api/queries';
import { useMay } from '~/shared/realtime/store';
import type { Scoped } from './scope';

/** Who uses it: oneself, a team, everybody. */
export function ScopeSelect({ value, onChange }: { value: Scoped; onChange: (value: Scoped) => void }) {
  const { t } = useTranslation('desk');
  const teams = useTeams().data ?? [];
  const manages = useMay('desk.manage');
  const choose = (chosen: string | null) => {
    if (chosen === 'me' || chosen === 'all') onChange({ scope: chosen });
    else if (chosen) onChange({ scope: 'team', team_id: chosen });
  };
  return (
    <Select
      label={t('scope.label')}
      description={manages ? undefined : t('scope.ownOnly')}
      allowDeselect={false}
      disabled={!manages}
      data={[
        { value: 'me', label: t('scope.me') },
        { value: 'all', label: t('scope.all') },
        ...(teams.length > 0 ? [{ group: t('scope.teams'), items: teams.map(({ id, name }) => ({ value: id, label: name })) }] : []),
      ]}
      value={value.scope === 'team' ? (value.team_id ?? null) : value.scope}
      onChange={choose}
      data-testid="scope"
    />
  );
}
