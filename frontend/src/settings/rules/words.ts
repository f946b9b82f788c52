import { useTranslation } from 'react-i18next';
import { $api } from '~/shared/api/client';
import { useChannels, useTeams, useUsers } from '~/shared/api/queries';
import type { ConditionField, Rule } from '~/shared/api/types';
import { isLanguage, languages } from '~/shared/i18n';
import { isolate } from '~/shared/ui/bidi';
import { useSkillChoices } from '../skills';
import { kindOf, testsOf, type Operator, type Test } from './condition';

export const useFields = () => $api.useQuery('get', '/api/v1/conditions/fields', { params: { query: { for: 'conversation' } } }, { select: (page) => page.items, staleTime: Infinity });

/** Fields, operators and values as people call them. */
export function useWords() {
  const { t, i18n } = useTranslation(['settings', 'common', 'inbox']);
  const users = useUsers().data ?? [];
  const teams = useTeams().data ?? [];
  const channels = useChannels().data ?? [];
  const known = (key: string, otherwise: string) => (i18n.exists(key) ? t(key as 'settings:rules.title') : otherwise);
  const valueOf = (field: string, value: string): string => {
    switch (field) {
      case 'type':
      case 'priority':
      case 'status':
      case 'sentiment':
      case 'sla':
        return known(`inbox:${field}.${value}`, value);
      case 'channel_kind':
        return known(`common:channel.${value}`, value);
      case 'language':
        return isLanguage(value) ? languages[value].name : value;
      case 'assignee_id':
        return users.find(({ id }) => id === value)?.name ?? value;
      case 'team_id':
        return teams.find(({ id }) => id === value)?.name ?? value;
      case 'channel_id':
        return channels.find(({ id }) => id === value)?.name ?? value;
    }
    return value;
  };
  /** The values that there are for a field; none: anything may be typed. */
  const choicesOf = (field: ConditionField) => {
    const ids = { user: users, team: teams, channel: channels }[kindOf(field) as string];
    return ids ? ids.map(({ id, name }) => ({ value: id, label: name })) : field.choices.map((value) => ({ value, label: valueOf(field.field, value) }));
  };
  return {
    field: (path: string) => known(`settings:rules.field.${path.replace('.', '_')}`, path),
    operator: (op: string) => t(`settings:rules.op.${op as Operator}`),
    value: valueOf,
    choices: choicesOf,
  };
}

/** A rule in one sentence for each of its halves. */
export function useSentences(fields: ConditionField[]): { when: (rule: { when: unknown }) => string; does: (rule: Rule) => string } {
  const { t } = useTranslation(['settings', 'inbox']);
  const words = useWords();
  const skills = useSkillChoices();
  const one = (test: Test) => {
    const [field, values] = [words.field(test.field), [test.value ?? []].flat()];
    if (typeof test.value === 'boolean') return t(test.value ? 'rules.yes' : 'rules.no', { field });
    return [field, words.operator(test.op), values.map((v) => isolate(words.value(test.field, String(v)))).join(', ')].filter(Boolean).join(' ');
  };
  return {
    when: ({ when }) => {
      const tests = testsOf(when, fields);
      if (!tests) return t('rules.complex');
      if (tests.tests.length === 0) return t('rules.always');
      return `${t('rules.when')} ${tests.tests.map(one).join(` ${t(`rules.join.${tests.match}`)} `)}`;
    },
    does: ({ then }) =>
      [
        then.type && `${t('inbox:customer.type')}: ${words.value('type', then.type)}`,
        then.team_id && `${t('rules.team')}: ${isolate(words.value('team_id', then.team_id))}`,
        then.agent_id && `${t('rules.agent')}: ${isolate(words.value('assignee_id', then.agent_id))}`,
        then.priority && `${t('inbox:customer.priority')}: ${words.value('priority', then.priority)}`,
        then.skills?.length && `${t('skills.title')}: ${then.skills.map(({ key }) => isolate(skills.find((s) => s.value === key)?.label ?? key)).join(', ')}`,
        then.labels?.length && `${t('inbox:customer.labels')}: ${then.labels.map(isolate).join(', ')}`,
      ]
        .filter(Boolean)
        .join(' · '),
  };
}
