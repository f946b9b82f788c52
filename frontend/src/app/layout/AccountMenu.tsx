import { ActionIcon, TextInput } from '@mantine/core';
import { IconCheck, IconKeyboard, IconLogout, IconUser } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useActions } from '~/shared/actions/actions';
import { useKeyText } from '~/shared/actions/keymap';
import { api } from '~/shared/api/client';
import { queryClient } from '~/shared/api/queries';
import type { Presence } from '~/shared/api/types';
import { notifyPrefs } from '~/shared/notify/prefs';
import { forgetKept } from '~/shared/realtime/kept';
import { useLive } from '~/shared/realtime/store';
import { Avatar } from '~/shared/ui/Avatar';
import { Menu } from '~/shared/ui/Menu';
import { RelTime } from '~/shared/ui/RelTime';
import { toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import { openOverlay } from '../overlays';
import { choosePresence, presenceStates } from './presence';
import css from './Shell.module.css';

/** Who I am, how I am, and the way out. */
export function AccountMenu() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const me = useLive((s) => s.me);
  const presence = useLive((s) => s.presence[me?.user.id ?? '']);
  const [open, setOpen] = useState(false);
  useActions({ account: () => setOpen(true) });
  const help = useKeyText('help');
  if (!me) return null;
  const state = presence?.state ?? 'offline';
  const signOut = async () => {
    try {
      if (notifyPrefs().pushed) await (await import('~/shared/notify/device/push')).turnOff().catch(() => undefined);
      await api.POST('/api/v1/auth/logout');
      queryClient.clear();
      await forgetKept();
      await navigate({ to: '/login' });
    } catch (cause) {
      toastError(cause, () => void signOut());
    }
  };
  return (
    <Menu position="beside-end" width={250} opened={open} onChange={setOpen}>
      <Menu.Target>
        <button
          type="button"
          className={css.account}
          aria-label={`${t('nav.account', { name: me.user.name })}, ${t(`presence.${state}`)}`}
          data-state={state}
          data-testid="account-menu"
        >
          <Avatar id={me.user.id} name={me.user.name} size={32} presence={state} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <bdi>{me.user.name}</bdi> · <bdi>{me.workspace.name}</bdi>
        </Menu.Label>
        {presenceStates.map((one) => (
          <Menu.Item
            key={one}
            leftSection={<span className={css.dot} data-presence={one} />}
            rightSection={one === state ? <IconCheck size={16} /> : null}
            onClick={() => void choosePresence(one)}
            data-testid={`presence-${one}`}
          >
            {t(`presence.${one}`)}
          </Menu.Item>
        ))}
        {presence && state !== 'online' && <Reason presence={presence} close={() => setOpen(false)} key={`${state} ${presence.reason}`} />}
        <Menu.Divider />
        <Menu.Item leftSection={<IconUser size={16} stroke={1.7} />} onClick={() => void navigate({ to: '/settings/profile' })}>
          {t('nav.profile')}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} stroke={1.7} />} rightSection={help && <kbd>{help}</kbd>} onClick={() => openOverlay('help')}>
          {t('help.title')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.7} className="mirror" />} onClick={() => void signOut()} data-testid="sign-out">
          {t('nav.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Why this person is not there, in their own words, and since when; it may be left empty. */
function Reason({ presence, close }: { presence: Presence; close: () => void }) {
  const { t, i18n } = useTranslation();
  const [reason, setReason] = useState(presence.reason);
  return (
    <form
      className={css.reason}
      onSubmit={(event) => {
        event.preventDefault();
        close();
        void choosePresence(presence.state, reason.trim());
      }}
    >
      <TextInput
        size="xs"
        {...inDir(reason ? 'auto' : i18n.dir())}
        maxLength={120}
        placeholder={t('presence.reason')}
        aria-label={t('presence.reason')}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        rightSection={
          reason.trim() !== presence.reason && (
            <ActionIcon type="submit" size="sm" aria-label={t('action.save')}>
              <IconCheck size={16} />
            </ActionIcon>
          )
        }
        // The menu has arrows and letters of its own.
        onKeyDown={(event) => event.key !== 'Escape' && event.key !== 'Tab' && event.stopPropagation()}
        data-testid="presence-reason"
      />
      {presence.since && (
        <small>
          {t('presence.since')} <RelTime at={presence.since} />
        </small>
      )}
    </form>
  );
}
