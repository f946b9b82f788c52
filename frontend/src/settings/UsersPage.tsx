import { Button, Modal, PasswordInput, SegmentedControl, Select, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '~/shared/api/client';
import { invalidate, useUsers } from '~/shared/api/queries';
import type { Role, User } from '~/shared/api/types';
import { useLive } from '~/shared/realtime/store';
import { Avatar } from '~/shared/ui/Avatar';
import { fieldErrors } from '~/shared/ui/errors';
import { Ltr } from '~/shared/ui/Ltr';
import { ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import css from './Settings.module.css';
import { WorkForm } from './WorkForm';

const roles: Role[] = ['owner', 'admin', 'supervisor', 'agent'];
const shortest = 10;

export function UsersPage() {
  const { t } = useTranslation('settings');
  const users = useUsers();
  const presence = useLive((s) => s.presence);
  const [editing, setEditing] = useState<User | 'new' | null>(null);
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('users.title')}</h2>
        <Button leftSection={<IconPlus size={17} />} onClick={() => setEditing('new')} data-testid="user-new">
          {t('users.add')}
        </Button>
      </div>
      <p className={css.lead}>{t('users.lead')}</p>
      {users.isPending && <SkeletonRows rows={4} />}
      {users.isError && <ErrorRetry error={users.error} retry={() => void users.refetch()} />}
      {users.data && (
        <ul className={css.list}>
          {users.data.map((user) => (
            <li key={user.id}>
              <button type="button" className={css.item} onClick={() => setEditing(user)} data-testid="user-row">
                <Avatar id={user.id} name={user.name} size={38} presence={presence[user.id]?.state ?? 'offline'} />
                <span className={css.itemText}>
                  <strong>
                    <bdi>{user.name}</bdi>
                  </strong>
                  <span>
                    <Ltr>{user.email}</Ltr>
                  </span>
                </span>
                <span className={css.state} data-state={user.active === false ? 'paused' : undefined}>
                  {user.active === false ? t('users.inactive') : t(`users.role.${user.role}`)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {editing && <UserDialog user={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </>
  );
}

/** A user's account, and what decides about their work; a new one gets an account first. */
function UserDialog({ user, onClose }: { user: User | null; onClose: () => void }) {
  const { t } = useTranslation(['settings', 'common']);
  const [part, setPart] = useState('account');
  return (
    <Modal opened onClose={onClose} title={user ? <bdi>{user.name}</bdi> : t('users.add')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      {user && (
        <SegmentedControl
          fullWidth
          mb="md"
          aria-label={user.name}
          value={part}
          onChange={setPart}
          data={(['account', 'work'] as const).map((value) => ({ value, label: t(`users.part.${value}`) }))}
          data-testid="user-part"
        />
      )}
      {user && part === 'work' ? <WorkForm user={user} onClose={onClose} /> : <UserForm user={user} onClose={onClose} />}
    </Modal>
  );
}

function UserForm({ user, onClose }: { user: User | null; onClose: () => void }) {
  const { t } = useTranslation(['settings', 'common']);
  const myId = useLive((s) => s.me?.user.id);
  const [busy, setBusy] = useState(false);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: user?.name ?? '', email: user?.email ?? '', password: '', role: user?.role ?? ('agent' as Role), active: user?.active !== false },
    validate: {
      name: (value) => (value.trim() ? null : t('users.nameMissing')),
      email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t('common:login.emailInvalid')),
      password: (value) => ((user && !value) || value.length >= shortest ? null : t('users.passwordShort', { count: shortest })),
    },
  });
  const submit = form.onSubmit(async ({ name, email, password, role, active }) => {
    setBusy(true);
    try {
      if (user) await api.PATCH('/api/v1/users/{id}', { params: { path: { id: user.id } }, body: { name: name.trim(), role, active, ...(password && { password }) } });
      else await api.POST('/api/v1/users', { body: { name: name.trim(), email: email.trim(), password, role } });
      await invalidate('/api/v1/users');
      onClose();
    } catch (cause) {
      form.setErrors(fieldErrors(cause));
      if (!(cause instanceof ApiError) || cause.fields.length === 0) toastError(cause);
    } finally {
      setBusy(false);
    }
  });
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <TextInput label={t('profile.name')} {...inDir('auto')} data-autofocus key={form.key('name')} {...form.getInputProps('name')} />
      <TextInput label={t('common:login.email')} type="email" dir="ltr" disabled={!!user} key={form.key('email')} {...form.getInputProps('email')} />
      <PasswordInput
        label={t(user ? 'users.newPassword' : 'common:login.password')}
        description={t('users.passwordShort', { count: shortest })}
        dir="ltr"
        autoComplete="new-password"
        key={form.key('password')}
        {...form.getInputProps('password')}
      />
      <Select
        label={t('users.roleLabel')}
        allowDeselect={false}
        data={roles.map((value) => ({ value, label: t(`users.role.${value}`) }))}
        key={form.key('role')}
        {...form.getInputProps('role')}
      />
      {user && user.id !== myId && <Switch label={t('users.active')} key={form.key('active')} {...form.getInputProps('active', { type: 'checkbox' })} />}
      <div className={css.actions}>
        <Button type="submit" loading={busy}>
          {t('common:action.save')}
        </Button>
      </div>
    </form>
  );
}
