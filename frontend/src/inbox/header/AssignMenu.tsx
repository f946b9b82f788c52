import { Menu, TextInput } from '@mantine/core';
import { IconCheck, IconUserCircle, IconUserOff } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useUsers } from '~/shared/api/queries';
import type { Conversation, User } from '~/shared/api/types';
import { useShortcuts } from '~/shared/lib/keys';
import { useLive } from '~/shared/realtime/store';
import { Avatar } from '~/shared/ui/Avatar';
import { assign } from '../changes';
import css from './ConversationHeader.module.css';

/** Above this many colleagues the menu gets a search box. */
const many = 8;

export function AssignMenu({ conversation }: { conversation: Conversation }) {
  const { t, i18n } = useTranslation('inbox');
  const { data: users = [] } = useUsers();
  const me = useLive((s) => s.me?.user);
  const presence = useLive((s) => s.presence);
  const [search, setSearch] = useState('');
  const button = useRef<HTMLButtonElement>(null);
  useShortcuts({ KeyA: () => button.current?.click() });
  const assignee = users.find((u) => u.id === conversation.assignee_id);
  const active = users.filter((u) => u.active !== false && u.id !== me?.id);
  const found = active.filter((u) => u.name.toLowerCase().includes(search.trim().toLowerCase()));
  const item = (user: User, label: string) => (
    <Menu.Item
      key={user.id}
      leftSection={<Avatar id={user.id} name={user.name} size={24} presence={presence[user.id] ?? 'offline'} />}
      rightSection={user.id === conversation.assignee_id ? <IconCheck size={16} /> : null}
      onClick={() => void assign(conversation, user)}
      data-testid={`assign-${user.id}`}
    >
      <bdi>{label}</bdi>
    </Menu.Item>
  );
  return (
    <Menu onClose={() => setSearch('')} width={250}>
      <Menu.Target>
        <button
          ref={button}
          type="button"
          className={css.assignee}
          data-none={!conversation.assignee_id || undefined}
          title="A"
          aria-label={assignee ? t('assign.to', { name: assignee.name }) : t('assign.none')}
          data-testid="assign-menu"
        >
          {assignee ? <Avatar id={assignee.id} name={assignee.name} size={22} /> : <IconUserCircle size={20} stroke={1.6} aria-hidden />}
          {assignee ? <bdi>{assignee.name}</bdi> : <span>{t('assign.none')}</span>}
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
        {active.length > many && (
          <TextInput
            size="xs"
            m={4}
            dir={search ? 'auto' : i18n.dir()}
            placeholder={t('assign.search')}
            aria-label={t('assign.search')}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        )}
        {me && !search && item(me, t('assign.me'))}
        {found.map((user) => item(user, user.name))}
        {conversation.assignee_id && (
          <>
            <Menu.Divider />
            <Menu.Item leftSection={<IconUserOff size={18} stroke={1.6} />} onClick={() => void assign(conversation, null)} data-testid="assign-nobody">
              {t('assign.remove')}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
