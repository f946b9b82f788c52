import { Menu } from '@mantine/core';
import { IconCheck, IconKeyboard, IconLogout, IconUser } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '~/shared/api/client';
import { queryClient } from '~/shared/api/queries';
import type { PresenceStatus } from '~/shared/api/types';
import { setPresence } from '~/shared/realtime/actions';
import { useLive, usePresence } from '~/shared/realtime/store';
import { Avatar } from '~/shared/ui/Avatar';
import { toastError } from '~/shared/ui/toast';
import { openOverlay } from '../overlays';
import { choosePresence } from './presence';
import css from './Shell.module.css';

const choices: PresenceStatus[] = ['available', 'busy', 'away'];

/** Who I am, how I am, and the way out. */
export function AccountMenu() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const me = useLive((s) => s.me);
  const presence = usePresence(me?.user.id ?? '');
  if (!me) return null;

  const signOut = async () => {
    try {
      await api.POST('/api/v1/auth/logout');
      queryClient.clear();
      await navigate({ to: '/login' });
    } catch (cause) {
      toastError(cause, () => void signOut());
    }
  };

  return (
    <Menu position="right-end" width={220}>
      <Menu.Target>
        <button type="button" className={css.account} aria-label={t('nav.account', { name: me.user.name })} data-testid="account-menu">
          <Avatar id={me.user.id} name={me.user.name} size={32} presence={presence} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <bdi>{me.user.name}</bdi> · <bdi>{me.workspace.name}</bdi>
        </Menu.Label>
        {choices.map((status) => (
          <Menu.Item
            key={status}
            leftSection={<span className={css.dot} data-presence={status} />}
            rightSection={status === presence ? <IconCheck size={16} /> : null}
            onClick={() => {
              choosePresence(status);
              setPresence(status);
            }}
            data-testid={`presence-${status}`}
          >
            {t(`presence.${status}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconUser size={16} stroke={1.7} />} onClick={() => void navigate({ to: '/settings/profile' })}>
          {t('nav.profile')}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} stroke={1.7} />} rightSection={<kbd>?</kbd>} onClick={() => openOverlay('help')}>
          {t('help.title')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.7} className="mirror" />} onClick={() => void signOut()} data-testid="sign-out">
          {t('nav.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
