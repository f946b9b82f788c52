import { ActionIcon, Button, Select, Textarea } from '@mantine/core';
import { IconArrowUp, IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useTeams, useUsers } from '~/shared/api/queries';
import { LabelName, useLabelNames } from '~/shared/desk/Labels';
import { useLabels } from '~/shared/desk/queries';
import { variableName, variableNames } from '~/shared/desk/words';
import css from '../Settings.module.css';
import { isVerb, newStep, snoozes, verbs, type Step } from './actions';
import desk from './Desk.module.css';
import { useStepWords } from './steps';

interface Props {
  value: Step[];
  /** What the gateway says of arguments, by their place: actions/0/text. */
  refused: Record<string, string>;
  onChange: (value: Step[]) => void;
}

/** Steps that read as a sentence each: what is done, and with what. */
export function ActionsBuilder({ value, refused, onChange }: Props) {
  const { t } = useTranslation('desk');
  const words = useStepWords();
  const put = (n: number, step: Step) => onChange(value.with(n, step));
  return (
    <fieldset className={css.rows}>
      <legend className={css.label}>{t('macro.does')}</legend>
      <ol className={desk.steps}>
        {value.map((step, n) => (
          <li key={n} className={desk.step} data-testid="step">
            <Select
              size="xs"
              aria-label={t('macro.action')}
              allowDeselect={false}
              data={[...verbs.map((verb) => ({ value: verb, label: words.verb(verb) })), ...(isVerb(step.action) ? [] : [{ value: step.action, label: step.action }])]}
              value={step.action}
              onChange={(verb) => verb && isVerb(verb) && put(n, newStep(verb))}
              data-testid="step-action"
            />
            <div className={desk.argument}>
              <Argument step={step} error={Object.entries(refused).find(([place]) => place.startsWith(`actions/${n}/`))?.[1]} onChange={(next) => put(n, next)} />
            </div>
            <span className={desk.keys}>
              {n > 0 && (
                <ActionIcon size="md" aria-label={t('macro.up')} title={t('macro.up')} onClick={() => onChange(value.with(n, value[n - 1] as Step).with(n - 1, step))}>
                  <IconArrowUp size={16} />
                </ActionIcon>
              )}
              <ActionIcon size="md" aria-label={t('macro.remove')} title={t('macro.remove')} onClick={() => onChange(value.toSpliced(n, 1))}>
                <IconX size={16} />
              </ActionIcon>
            </span>
          </li>
        ))}
      </ol>
      <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={15} />} onClick={() => onChange([...value, newStep(value.length === 0 ? 'send_message' : 'add_label')])} data-testid="step-add">
        {t('macro.addStep')}
      </Button>
    </fieldset>
  );
}

function Argument({ step, error, onChange }: { step: Step; error?: string; onChange: (step: Step) => void }) {
  const { t, i18n } = useTranslation(['desk', 'inbox']);
  const { data: labels = [] } = useLabels();
  const known = useLabelNames();
  const users = (useUsers().data ?? []).filter((user) => user.active !== false);
  const teams = useTeams().data ?? [];
  const common = { size: 'xs', 'aria-label': t('macro.with'), error, 'data-testid': 'step-value' } as const;
  const choice = (argument: string, data: { value: string; label: string }[]) => (
    <Select {...common} allowDeselect={false} searchable={data.length > 8} data={data} value={String(step[argument] ?? '') || null} onChange={(value) => value && onChange({ ...step, [argument]: value })} />
  );
  switch (step.action) {
    case 'send_message':
    case 'add_note': {
      const text = String(step.text ?? '');
      return (
        <>
          <Textarea {...common} wrapperProps={{ dir: text ? 'auto' : i18n.dir() }} autosize minRows={2} maxRows={8} maxLength={4000} value={text} onChange={(event) => onChange({ ...step, text: event.target.value })} />
          <Select
            size="xs"
            aria-label={t('canned.variables')}
            placeholder={t('canned.variables')}
            data={variableNames.map((name) => ({ value: name, label: variableName(t, name) }))}
            value={null}
            onChange={(name) => name && onChange({ ...step, text: `${text}{{${name}}}` })}
          />
        </>
      );
    }
    case 'add_label':
    case 'remove_label': {
      const names = step.action === 'add_label' ? labels.map(({ name }) => name) : known;
      const all = [...new Set([...names, ...(step.label ? [String(step.label)] : [])])];
      return <Select {...common} allowDeselect={false} searchable data={all} nothingFoundMessage={t('label.none')} value={String(step.label ?? '') || null} renderOption={({ option }) => <LabelName name={option.value} />} onChange={(label) => label && onChange({ ...step, label })} />;
    }
    case 'assign': {
      const value = step.team_id ? `team ${String(step.team_id)}` : `agent ${String(step.agent_id ?? '')}`;
      const choose = (chosen: string | null) => {
        const [kind, id] = (chosen ?? '').split(' ');
        if (kind === 'team') onChange({ action: step.action, team_id: id, agent_id: '' });
        else if (kind) onChange({ action: step.action, agent_id: id ?? '' });
      };
      return (
        <Select
          {...common}
          allowDeselect={false}
          searchable
          data={[
            { value: 'agent me', label: t('macro.me') },
            { value: 'agent ', label: t('macro.nobody') },
            { group: t('macro.agents'), items: users.map(({ id, name }) => ({ value: `agent ${id}`, label: name })) },
            { group: t('scope.teams'), items: teams.map(({ id, name }) => ({ value: `team ${id}`, label: name })) },
          ]}
          value={value}
          onChange={choose}
        />
      );
    }
    case 'set_status':
      return choice('status', (['open', 'pending', 'resolved'] as const).map((value) => ({ value, label: t(`inbox:status.${value}`) })));
    case 'set_priority':
      return choice('priority', (['urgent', 'high', 'medium', 'low', 'none'] as const).map((value) => ({ value, label: t(`inbox:priority.${value}`) })));
    case 'set_type':
      return choice('type', (['sales', 'support', 'complaint', 'other'] as const).map((value) => ({ value, label: t(`inbox:type.${value}`) })));
    case 'snooze':
      return (
        <Select
          {...common}
          allowDeselect={false}
          data={[{ value: '', label: t('macro.untilAnswered') }, ...snoozes.map((minutes) => ({ value: String(minutes), label: t(`macro.for.${minutes}`) }))]}
          value={step.until_answered ? '' : String(step.minutes ?? '')}
          onChange={(minutes) => onChange(minutes ? { action: step.action, minutes: Number(minutes) } : { action: step.action, until_answered: true })}
        />
      );
  }
  return null;
}
