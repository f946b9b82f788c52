import { useTranslation } from 'react-i18next';
import { useTeams } from '~/shared/api/queries';
import type { Scope } from '~/shared/api/types';
import { useMay } from '~/shared/realtime/store';
import { isolate } from '~/shared/ui/bidi';

export interface Scoped {
  scope: Scope;
  team_id?: string;
}

/** Who uses something, in words. */
export function useScopeName(): (of: Scoped) => string {
  const { t } = useTranslation('desk');
  const teams = useTeams().data ?? [];
  return ({ scope, team_id }) => (scope === 'team' ? isolate(teams.find(({ id }) => id === team_id)?.name ?? t('scope.goneTeam')) : t(`scope.${scope}`));
}

/** Whether this person may change it: what is theirs alone, or what others use too where their role lets them. */
export function useChangeable(): (of: Scoped) => boolean {
  const manages = useMay('desk.manage');
  return ({ scope }) => scope === 'me' || manages;
}
