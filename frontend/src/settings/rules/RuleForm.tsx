import { ActionIcon, Alert, Button, Modal, Select, Switch, TagsInput, TextInput } from '@mantine/core';
import { IconHistory, IconPlus, IconX } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '~/shared/api/client';
import { invalidate, useTeams, useUsers } from '~/shared/api/queries';
import type { ConditionField, Rule, RuleInput } from '~/shared/api/types';
import { toastDone, toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import { NumberField } from '../NumberField';
import css from '../Settings.module.css';
import { useSkillChoices } from '../skills';
import { complete, testsOf, whenOf, type Tests } from './condition';
import { ConditionBuilder } from './ConditionBuilder';
import own from './Rules.module.css';

const TryCondition = lazy(() => import('./TryCondition'));

type Then = Rule['then'];
type Need = NonNullable<Then['skills']>[number];

const types = ['sales', 'support', 'complaint', 'other'] as const;
const priorities = ['urgent', 'high', 'medium', 'low', 'none'] as const;
const seenAs = (rule: Rule) => ({ path: { id: rule.id }, header: { 'If-Match': `"${rule.version}"` } });

interface Props {
  rule: Rule | null;
  fields: ConditionField[];
  /** Wants the past tried with the rule as it is edited. */
  onTry: (edited: RuleInput) => void;
  onClose: () => void;
}

export function RuleForm({ rule, fields, onTry, onClose }: Props) {
  const { t } = useTranslation(['settings', 'common']);
  const [name, setName] = useState(rule?.name ?? '');
  const [tests, setTests] = useState<Tests | null>(rule ? testsOf(rule.when, fields) : { match: 'all', tests: [] });
  const [then, setThen] = useState<Then>(rule?.then ?? {});
  const [goOn, setGoOn] = useState(rule?.go_on ?? false);
  const [busy, setBusy] = useState(false);
  const ready = name.trim() !== '' && (!tests || complete(tests));
  const attempt = async (make: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await make();
      toastDone(t('saved'));
      onClose();
    } catch (cause) {
      toastError(cause);
      if (cause instanceof ApiError && cause.code === 'changed_meanwhile') onClose();
    } finally {
      setBusy(false);
      await invalidate('/api/v1/routing/rules');
    }
  };
  const does: Then = { ...then, skills: then.skills?.filter(({ key }) => key) };
  const when = tests ? whenOf(tests) : rule?.when;
  const save = () => {
    // oxlint-disable-next-line unicorn/no-thenable -- the API calls it so
    const body = { name: name.trim(), then: does, go_on: goOn, ...(tests && { when: whenOf(tests) }) };
    return attempt(() =>
      rule ? api.PATCH('/api/v1/routing/rules/{id}', { params: seenAs(rule), body }) : api.POST('/api/v1/routing/rules', { body: { ...body, when: whenOf(tests ?? { match: 'all', tests: [] }) } }),
    );
  };
  return (
    <Modal opened onClose={onClose} size={640} title={rule ? <bdi>{rule.name}</bdi> : t('rules.add')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <form
        className={css.wideForm}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void save();
        }}
      >
        <TextInput label={t('profile.name')} {...inDir('auto')} required maxLength={120} data-autofocus value={name} onChange={(event) => setName(event.target.value)} data-testid="rule-name" />
        {tests ? <ConditionBuilder value={tests} fields={fields} onChange={setTests} /> : <Alert color="yellow">{t('rules.complexHelp')}</Alert>}
        <Suspense>
          <TryCondition when={when as object} ready={!tests || complete(tests)} />
        </Suspense>
        <div className={own.then}>
          <h3>{t('rules.then')}</h3>
          <ThenFields then={then} onChange={(change) => setThen((now) => ({ ...now, ...change }))} />
          <Switch label={t('rules.goOn')} checked={goOn} onChange={(event) => setGoOn(event.target.checked)} />
        </div>
        <div className={css.actions}>
          <Button type="submit" loading={busy} disabled={!ready} data-testid="rule-save">
            {t('common:action.save')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconHistory size={17} />}
            disabled={!ready}
            // oxlint-disable-next-line unicorn/no-thenable -- the API calls it so
            onClick={() => onTry({ name: name.trim(), enabled: rule?.enabled ?? true, when, then: does, go_on: goOn })}
            data-testid="rule-try"
          >
            {t('whatIf.open')}
          </Button>
          {rule && (
            <Button variant="default" color="red" onClick={() => void attempt(() => api.DELETE('/api/v1/routing/rules/{id}', { params: seenAs(rule) }))} data-testid="rule-remove">
              {t('common:action.delete')}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}

function ThenFields({ then, onChange }: { then: Then; onChange: (change: Then) => void }) {
  const { t } = useTranslation(['settings', 'inbox']);
  const teams = useTeams().data ?? [];
  const users = (useUsers().data ?? []).filter((user) => user.active !== false);
  const named = (list: { id: string; name: string }[]) => list.map(({ id, name }) => ({ value: id, label: name }));
  const kept = t('rules.unchanged');
  return (
    <>
      <div className={own.pair}>
        <Select label={t('rules.team')} placeholder={kept} clearable data={named(teams)} value={then.team_id || null} onChange={(id) => onChange({ team_id: id ?? undefined })} data-testid="then-team" />
        <Select label={t('rules.agent')} placeholder={kept} clearable searchable data={named(users)} value={then.agent_id || null} onChange={(id) => onChange({ agent_id: id ?? undefined })} />
        <Select label={t('inbox:customer.type')} placeholder={kept} clearable data={types.map((value) => ({ value, label: t(`inbox:type.${value}`) }))} value={then.type || null} onChange={(value) => onChange({ type: types.find((x) => x === value) })} />
        <Select label={t('inbox:customer.priority')} placeholder={kept} clearable data={priorities.map((value) => ({ value, label: t(`inbox:priority.${value}`) }))} value={then.priority || null} onChange={(value) => onChange({ priority: priorities.find((x) => x === value) })} data-testid="then-priority" />
      </div>
      <Needs needs={then.skills ?? []} onChange={(skills) => onChange({ skills })} />
      <TagsInput label={t('inbox:customer.labels')} placeholder={then.labels?.length ? '' : t('inbox:customer.addLabel')} maxTags={10} maxLength={40} value={then.labels ?? []} onChange={(labels) => onChange({ labels })} />
    </>
  );
}

/** The skills that whoever gets it must have; one with a time is let go after so long a wait. */
function Needs({ needs, onChange }: { needs: Need[]; onChange: (needs: Need[]) => void }) {
  const { t } = useTranslation('settings');
  const choices = useSkillChoices();
  const free = (own_: string) => choices.filter(({ value }) => value === own_ || !needs.some(({ key }) => key === value));
  return (
    <fieldset className={css.rows}>
      <legend className={css.label}>{t('rules.needs')}</legend>
      {needs.map((need, n) => (
        <div key={n} className={own.need}>
          <Select size="xs" searchable aria-label={t('skills.one')} placeholder={t('skills.one')} allowDeselect={false} data={free(need.key)} value={need.key || null} onChange={(key) => key && onChange(needs.with(n, { ...need, key }))} />
          <Select size="xs" aria-label={t('skills.level')} allowDeselect={false} data={['1', '2', '3', '4', '5'].map((level) => ({ value: level, label: t('rules.level', { level }) }))} value={String(need.level)} onChange={(level) => onChange(needs.with(n, { ...need, level: Number(level) }))} />
          <NumberField className={own.relax} size="xs" min={1} max={86_400} aria-label={t('rules.relax')} title={t('rules.relax')} placeholder={t('rules.relaxShort')} value={need.relax_after_seconds ?? ''} onChange={(seconds) => onChange(needs.with(n, { ...need, relax_after_seconds: seconds || undefined }))} />
          <ActionIcon aria-label={t('skills.take')} onClick={() => onChange(needs.toSpliced(n, 1))}>
            <IconX size={16} />
          </ActionIcon>
        </div>
      ))}
      {needs.length < 10 && free('').length > 0 && (
        <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={15} />} onClick={() => onChange([...needs, { key: '', level: 1 }])}>
          {t('skills.give')}
        </Button>
      )}
    </fieldset>
  );
}
