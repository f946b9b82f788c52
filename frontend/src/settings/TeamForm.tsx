import { ActionIcon, Alert, Button, Modal, MultiSelect, SegmentedControl, Select, Switch, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError, bodyOf } from '~/shared/api/client';
import { invalidate, useHours, useTeams, useUsers } from '~/shared/api/queries';
import type { Team } from '~/shared/api/types';
import { fieldErrors } from '~/shared/ui/errors';
import { toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import { NumberField } from './NumberField';
import css from './Settings.module.css';

/** What is done with a team by those who have seen one version of it. */
const seenAs = (team: Team) => ({ path: { id: team.id }, header: { 'If-Match': `"${team.version}"` } });

const strategies: Team['strategy'][] = ['least_loaded', 'round_robin', 'longest_idle', 'best_skilled'];
const mostOverflows = 5;

type Values = Pick<Team, 'name' | 'member_ids' | 'strategy' | 'hand_over' | 'offer_seconds' | 'sticky' | 'overflow' | 'business_hours_id' | 'closing'>;

const valuesOf = (team: Team | null): Values => ({
  name: team?.name ?? '', member_ids: team?.member_ids ?? [], strategy: team?.strategy ?? 'least_loaded', hand_over: team?.hand_over ?? 'direct',
  offer_seconds: team?.offer_seconds ?? 30, sticky: team?.sticky ?? 'none', overflow: team?.overflow ?? [],
  business_hours_id: team?.business_hours_id ?? '', closing: team?.closing ?? {},
});

export function TeamForm({ team, onClose }: { team: Team | null; onClose: () => void }) {
  const { t } = useTranslation(['settings', 'common']);
  const users = useUsers().data ?? [];
  const [seen, setSeen] = useState(team);
  const [changed, setChanged] = useState(false);
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const form = useForm<Values>({
    initialValues: valuesOf(team),
    validate: {
      name: (value) => (value.trim() ? null : t('users.nameMissing')),
      offer_seconds: (value) => (value >= 5 && value <= 600 ? null : t('teams.offerSecondsWrong')),
      overflow: { team_id: (value) => (value ? null : t('teams.overflowTeamMissing')) },
    },
  });
  /** Somebody was faster: what they made of the team is what is replaced next. */
  const meet = async (id: string) => {
    setSeen(await bodyOf(api.GET('/api/v1/teams/{id}', { params: { path: { id } } })));
    setChanged(true);
    setAsks(false);
  };
  const attempt = async (make: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await make();
      await invalidate('/api/v1/teams');
      onClose();
    } catch (cause) {
      if (seen && cause instanceof ApiError && cause.code === 'changed_meanwhile') return await meet(seen.id).catch(toastError);
      const fields = fieldErrors(cause);
      form.setErrors(Object.fromEntries(Object.entries(fields).map(([field, text]) => [field.replaceAll('/', '.'), text])));
      if (Object.keys(fields).length === 0) toastError(cause);
    } finally {
      setBusy(false);
    }
  };
  const submit = form.onSubmit((values) => {
    const body = { ...values, name: values.name.trim() };
    return attempt(() => (seen ? api.PATCH('/api/v1/teams/{id}', { params: seenAs(seen), body }) : api.POST('/api/v1/teams', { body })));
  });
  const people = users
    .filter((user) => user.active !== false || team?.member_ids.includes(user.id))
    .map((user) => ({ value: user.id, label: user.active === false ? `${user.name} (${t('users.inactive')})` : user.name }));
  if (asks && seen) {
    return (
      <Modal opened onClose={() => setAsks(false)} title={t('teams.removeTitle', { name: seen.name })} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
        <p>{t('teams.removeText')}</p>
        <div className={css.actions}>
          <Button color="red" loading={busy} onClick={() => void attempt(() => api.DELETE('/api/v1/teams/{id}', { params: seenAs(seen) }))} data-testid="team-remove-sure">
            {t('teams.remove')}
          </Button>
          <Button variant="default" onClick={() => setAsks(false)} data-autofocus>
            {t('common:action.cancel')}
          </Button>
        </div>
      </Modal>
    );
  }
  return (
    <Modal opened onClose={onClose} title={team ? <bdi>{team.name}</bdi> : t('teams.add')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <form className={css.form} onSubmit={submit} noValidate>
        {changed && <Alert color="yellow">{t('teams.changed')}</Alert>}
        <TextInput label={t('profile.name')} {...inDir('auto')} maxLength={120} data-autofocus data-testid="team-name" {...form.getInputProps('name')} />
        <MultiSelect label={t('teams.members')} data={people} searchable maxValues={200} data-testid="team-members" {...form.getInputProps('member_ids')} />
        <Work form={form} teamId={team?.id ?? ''} />
        <fieldset className={css.rows}>
          <legend className={css.label}>{t('teams.closing.title')}</legend>
          {(['note', 'type', 'labels'] as const).map((one) => (
            <Switch key={one} label={t(`teams.closing.${one}`)} checked={form.values.closing[one] ?? false} onChange={({ currentTarget }) => form.setFieldValue('closing', { ...form.values.closing, [one]: currentTarget.checked })} data-testid={`team-closing-${one}`} />
          ))}
        </fieldset>
        <div className={css.actions}>
          <Button type="submit" loading={busy} data-testid="team-save">
            {t('common:action.save')}
          </Button>
          {team && (
            <Button variant="default" color="red" onClick={() => setAsks(true)} data-testid="team-remove">
              {t('teams.remove')}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}

/** How the team's work comes to its members. */
function Work({ form, teamId }: { form: UseFormReturnType<Values>; teamId: string }) {
  const { t } = useTranslation('settings');
  const { hand_over, overflow } = form.values;
  const hours = useHours().data ?? [];
  return (
    <>
      <Select
        label={t('teams.strategy')}
        description={t(`teams.strategyHelp.${form.values.strategy}`)}
        allowDeselect={false}
        data={strategies.map((value) => ({ value, label: t(`teams.strategies.${value}`) }))}
        data-testid="team-strategy"
        {...form.getInputProps('strategy')}
      />
      <div className={css.field}>
        <span className={css.label} id="hand-over">{t('teams.handOver')}</span>
        <SegmentedControl
          fullWidth
          aria-labelledby="hand-over"
          data={(['direct', 'offer'] as const).map((value) => ({ value, label: t(`teams.handOvers.${value}`) }))}
          data-testid="team-hand-over"
          {...form.getInputProps('hand_over')}
        />
      </div>
      {hand_over === 'offer' && <NumberField label={t('teams.offerSeconds')} min={5} max={600} {...form.getInputProps('offer_seconds')} data-testid="team-offer-seconds" />}
      <Select
        label={t('teams.sticky')}
        allowDeselect={false}
        data={(['none', 'last_agent', 'owner'] as const).map((value) => ({ value, label: t(`teams.stickies.${value}`) }))}
        {...form.getInputProps('sticky')}
      />
      <Select
        label={t('teams.hours')}
        placeholder={t('work.always')}
        clearable
        data={hours.map(({ id, name }) => ({ value: id, label: name }))}
        {...form.getInputProps('business_hours_id')}
        value={form.values.business_hours_id || null}
        onChange={(id) => form.setFieldValue('business_hours_id', id ?? '')}
        data-testid="team-hours"
      />
      <fieldset className={css.rows}>
        <legend className={css.label}>{t('teams.overflow')}</legend>
        <p className={css.help}>{t('teams.overflowHelp')}</p>
        {overflow.map((_, n) => (
          <OverflowRow key={n} form={form} n={n} teamId={teamId} />
        ))}
        {overflow.length < mostOverflows && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={15} />}
            onClick={() => form.insertListItem('overflow', { after_seconds: (overflow.at(-1)?.after_seconds ?? 0) + 60, team_id: '' })}
            data-testid="team-overflow-add"
          >
            {t('teams.overflowAdd')}
          </Button>
        )}
      </fieldset>
    </>
  );
}

function OverflowRow({ form, n, teamId }: { form: UseFormReturnType<Values>; n: number; teamId: string }) {
  const { t } = useTranslation('settings');
  const teams = (useTeams().data ?? []).filter(({ id }) => id !== teamId);
  return (
    <div className={css.row}>
      <NumberField className={css.number} aria-label={t('teams.overflowAfter')} min={1} max={86_400} rightSection={<span className={css.unit}>{t('teams.seconds')}</span>} {...form.getInputProps(`overflow.${n}.after_seconds`)} />
      <Select
        className={css.grow}
        aria-label={t('teams.overflowTo')}
        placeholder={t('teams.overflowTo')}
        allowDeselect={false}
        data={teams.map(({ id, name }) => ({ value: id, label: name }))}
        {...form.getInputProps(`overflow.${n}.team_id`)}
      />
      <ActionIcon aria-label={t('teams.overflowRemove')} onClick={() => form.removeListItem('overflow', n)}>
        <IconX size={17} />
      </ActionIcon>
    </div>
  );
}
