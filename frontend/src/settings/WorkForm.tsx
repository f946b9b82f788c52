import { ActionIcon, Button, MultiSelect, Select } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api } from '~/shared/api/client';
import { invalidate, useChannels, useHours, useTeams } from '~/shared/api/queries';
import type { Profile, User } from '~/shared/api/types';
import { ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { toastDone, toastError } from '~/shared/ui/toast';
import { NumberField } from './NumberField';
import css from './Settings.module.css';
import { useSkillChoices } from './skills';

const levels = ['1', '2', '3', '4', '5'];
const usualTotal = 10;

/** What decides about a user's work: teams, skills, how much at a time, and when. */
export function WorkForm({ user, onClose }: { user: User; onClose: () => void }) {
  const profile = $api.useQuery('get', '/api/v1/users/{id}/profile', { params: { path: { id: user.id } } }, { staleTime: 0, gcTime: 0 });
  if (profile.isError) return <ErrorRetry error={profile.error} retry={() => void profile.refetch()} />;
  if (!profile.data) return <SkeletonRows rows={4} height={60} />;
  return <Fields userId={user.id} saved={profile.data} onClose={onClose} />;
}

function Fields({ userId, saved, onClose }: { userId: string; saved: Profile; onClose: () => void }) {
  const { t } = useTranslation(['settings', 'common']);
  const [value, setValue] = useState(saved);
  const [busy, setBusy] = useState(false);
  const teams = useTeams().data ?? [];
  const hours = useHours().data ?? [];
  const kinds = [...new Set((useChannels().data ?? []).map(({ kind }) => kind))].sort();
  const set = (change: Partial<Profile>) => setValue((now) => ({ ...now, ...change }));
  const capacity = (change: Partial<Profile['capacity']>) => set({ capacity: { ...value.capacity, ...change } });
  const save = async () => {
    setBusy(true);
    try {
      const body = { ...value, skills: value.skills.filter(({ key }) => key) };
      await api.PATCH('/api/v1/users/{id}/profile', { params: { path: { id: userId } }, body });
      await invalidate('/api/v1/teams', '/api/v1/users');
      toastDone(t('saved'));
      onClose();
    } catch (cause) {
      toastError(cause);
    } finally {
      setBusy(false);
    }
  };
  /** A map with one number more or less; an empty field takes it out. */
  const withKind = (map: Record<string, number> | undefined, kind: string, n: number | '') => {
    const { [kind]: _, ...others } = map ?? {};
    return n === '' ? others : { ...others, [kind]: n };
  };
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <MultiSelect label={t('teams.title')} searchable data={teams.map(({ id, name }) => ({ value: id, label: name }))} value={value.team_ids} onChange={(team_ids) => set({ team_ids })} data-testid="work-teams" />
      <Skills skills={value.skills} onChange={(skills) => set({ skills })} />
      <NumberField
        label={t('work.total')}
        description={t('work.totalHelp')}
        min={0}
        max={1000}
        placeholder={String(usualTotal)}
        value={value.capacity.total ?? ''}
        onChange={(total) => capacity({ total: total === '' ? undefined : total })}
        data-testid="work-total"
      />
      {kinds.length > 0 && (
        <table className={css.kinds}>
          <thead>
            <tr>
              <th scope="col">{t('work.kind')}</th>
              <th scope="col">{t('work.most')}</th>
              <th scope="col">{t('work.weight')}</th>
            </tr>
          </thead>
          <tbody>
            {kinds.map((kind) => (
              <tr key={kind}>
                <th scope="row">{t(`common:channel.${kind}`)}</th>
                <td>
                  <NumberField size="xs" min={0} max={1000} aria-label={`${t(`common:channel.${kind}`)}: ${t('work.most')}`} placeholder={t('work.free')} value={value.capacity.by_kind?.[kind] ?? ''} onChange={(n) => capacity({ by_kind: withKind(value.capacity.by_kind, kind, n) })} />
                </td>
                <td>
                  <NumberField size="xs" min={0} max={100} aria-label={`${t(`common:channel.${kind}`)}: ${t('work.weight')}`} placeholder="1" value={value.capacity.weights?.[kind] ?? ''} onChange={(n) => capacity({ weights: withKind(value.capacity.weights, kind, n) })} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Select label={t('work.hours')} clearable placeholder={t('work.always')} data={hours.map(({ id, name }) => ({ value: id, label: name }))} value={value.working_hours_id || null} onChange={(id) => set({ working_hours_id: id ?? '' })} />
      <div className={css.actions}>
        <Button type="submit" loading={busy} data-testid="work-save">
          {t('common:action.save')}
        </Button>
      </div>
    </form>
  );
}

function Skills({ skills, onChange }: { skills: Profile['skills']; onChange: (skills: Profile['skills']) => void }) {
  const { t } = useTranslation('settings');
  const choices = useSkillChoices();
  const free = (own: string) => choices.filter(({ value }) => value === own || !skills.some(({ key }) => key === value));
  return (
    <fieldset className={css.rows}>
      <legend className={css.label}>{t('skills.title')}</legend>
      {skills.map((skill, n) => (
        <div key={n} className={css.row}>
          <Select className={css.grow} searchable aria-label={t('skills.one')} placeholder={t('skills.one')} allowDeselect={false} data={free(skill.key)} value={skill.key || null} onChange={(key) => key && onChange(skills.with(n, { ...skill, key }))} />
          <Select className={css.number} aria-label={t('skills.level')} allowDeselect={false} data={levels.map((value) => ({ value, label: t('skills.levelOf', { level: value }) }))} value={String(skill.level)} onChange={(level) => onChange(skills.with(n, { ...skill, level: Number(level) }))} />
          <ActionIcon aria-label={t('skills.take')} onClick={() => onChange(skills.toSpliced(n, 1))}>
            <IconX size={17} />
          </ActionIcon>
        </div>
      ))}
      {free('').length > 0 && (
        <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={15} />} onClick={() => onChange([...skills, { key: '', level: 3 }])}>
          {t('skills.give')}
        </Button>
      )}
    </fieldset>
  );
}
