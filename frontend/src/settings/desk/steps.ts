import { useTranslation } from 'react-i18next';
import { useTeams, useUsers } from '~/shared/api/queries';
import { isolate } from '~/shared/ui/bidi';
import { isVerb, snoozes, type Step, type Verb } from './actions';

/** Steps of macros in words. */
export function useStepWords(): { verb: (verb: Verb) => string; step: (step: Step) => string } {
  const { t } = useTranslation(['desk', 'inbox']);
  const users = useUsers().data ?? [];
  const teams = useTeams().data ?? [];
  const named = (list: { id: string; name: string }[], id: unknown) => isolate(list.find((one) => one.id === id)?.name ?? String(id));
  const verb = (of: Verb) => t(`macro.verb.${of}`);
  const value = (step: Step): string => {
    switch (step.action) {
      case 'assign':
        if (step.team_id) return named(teams, step.team_id);
        if (step.agent_id === 'me') return t('macro.me');
        return step.agent_id ? named(users, step.agent_id) : t('macro.nobody');
      case 'set_status':
        return t(`inbox:status.${step.status as 'open'}`);
      case 'set_priority':
        return t(`inbox:priority.${step.priority as 'high'}`);
      case 'set_type':
        return t(`inbox:type.${step.type as 'sales'}`);
      case 'snooze': {
        const known = snoozes.find((minutes) => minutes === step.minutes);
        return known ? t(`macro.for.${known}`) : step.until_answered ? t('macro.untilAnswered') : '';
      }
    }
    return isolate(String(step.text ?? step.label ?? ''));
  };
  return { verb, step: (step) => [isVerb(step.action) ? verb(step.action) : step.action, value(step)].filter(Boolean).join(' ') };
}
