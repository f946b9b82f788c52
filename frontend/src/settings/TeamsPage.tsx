import { Alert, Button, Modal, MultiSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError, bodyOf } from '~/shared/api/client';
import { invalidate, useTeams, useUsers } from '~/shared/api/queries';
import type { Team } from '~/shared/api/types';
import { formatNumber } from '~/shared/i18n/format';
import { fieldErrors } from '~/shared/ui/errors';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { toastError } from '~/shared/ui/toast';
import css from './Settings.module.css';

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

/** What is done with a team by those who have seen one version of it. */
const seenAs = (team: Team) => ({ path: { id: team.id }, header: { 'If-Match': `"${team.version}"` } });

function TeamForm({ team, onClose }: { team: Team | null; onClose: () => void }) {
  const { t } = useTranslation(['settings', 'common']);
  const users = useUsers().data ?? [];
  const [seen, setSeen] = useState(team);
  const [changed, setChanged] = useState(false);
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const form = useForm({
    initialValues: { name: team?.name ?? '', member_ids: team?.member_ids ?? [] },
    validate: { name: (value) => (value.trim() ? null : t('users.nameMissing')) },
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
      form.setErrors(fields);
      if (Object.keys(fields).length === 0) toastError(cause);
    } finally {
      setBusy(false);
    }
  };
  const submit = form.onSubmit(({ name, member_ids }) => {
    const body = { name: name.trim(), member_ids };
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
        <TextInput label={t('profile.name')} dir="auto" maxLength={120} data-autofocus data-testid="team-name" {...form.getInputProps('name')} />
        <MultiSelect label={t('teams.members')} data={people} searchable maxValues={200} data-testid="team-members" {...form.getInputProps('member_ids')} />
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
