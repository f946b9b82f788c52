import { TextInput } from '@mantine/core';
import { IconCheck, IconUserCircle, IconUserOff, IconUsersGroup, IconUsersMinus } from '@tabler/icons-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { openOverlay } from '~/app/overlays';
import { loadWords } from '~/shared/i18n';
import { useTeams, useUsers } from '~/shared/api/queries';
import type { Conversation, Team, User } from '~/shared/api/types';
import { useActions } from '~/shared/actions/actions';
import { useHint } from '~/shared/actions/keymap';
import { useLive } from '~/shared/realtime/store';
import { Avatar } from '~/shared/ui/Avatar';
import { Menu } from '~/shared/ui/Menu';
import { inDir } from '~/shared/ui/inDir';
import { assign, assignTeam } from '../changes';
import css from './ConversationHeader.module.css';

const TransferItem = lazy(async () => ({ default: (await Promise.all([import('./TransferItem'), loadWords('finish')]))[0].TransferItem }));

/** Above this many colleagues and teams the menu gets a search box. */
const many = 8;

/** plain: one of several on a page, which no key opens. */
export function AssignMenu({ conversation, plain = false }: { conversation: Conversation; plain?: boolean }) {
  const { t, i18n } = useTranslation('inbox');
  const { data: users = [] } = useUsers();
  const { data: teams = [], isSuccess: known } = useTeams();
  const me = useLive((s) => s.me?.user);
  const presence = useLive((s) => s.presence);
  const [search, setSearch] = useState('');
  const button = useRef<HTMLButtonElement>(null);
  const hint = useHint();
  useActions(plain ? {} : { assign: () => button.current?.click(), assignMe: me && me.id !== conversation.assignee_id && (() => void assign(conversation, me)), transfer: () => openOverlay('transfer') });
  const assignee = users.find((u) => u.id === conversation.assignee_id);
  const active = users.filter((u) => u.active !== false && u.id !== me?.id);
  const team = conversation.team_id ? teams.find(({ id }) => id === conversation.team_id) : undefined;
  const teamName = conversation.team_id ? (team?.name ?? (known ? t('assign.goneTeam') : '')) : '';
  const fits = ({ name }: { name: string }) => name.toLowerCase().includes(search.trim().toLowerCase());
  const found = active.filter(fits);
  const foundTeams = teams.filter(fits);
  const item = (user: User, label: string) => (
    <Menu.Item
      key={user.id}
      leftSection={<Avatar id={user.id} name={user.name} size={24} presence={presence[user.id]?.state ?? 'offline'} />}
      rightSection={user.id === conversation.assignee_id ? <IconCheck size={16} /> : null}
      onClick={() => void assign(conversation, user)}
      data-testid={`assign-${user.id}`}
    >
      <bdi>{label}</bdi>
    </Menu.Item>
  );
  const teamItem = (one: Team) => (
    <Menu.Item
      key={one.id}
      leftSection={<IconUsersGroup size={20} stroke={1.6} aria-hidden />}
      rightSection={one.id === conversation.team_id ? <IconCheck size={16} /> : null}
      onClick={() => void assignTeam(conversation, one)}
      data-testid={`assign-${one.id}`}
    >
      <bdi>{one.name}</bdi>
    </Menu.Item>
  );
  const label = assignee ? t('assign.to', { name: assignee.name }) : teamName ? t('assign.toTeam', { name: teamName }) : t('assign.none');
  return (
    <Menu onClose={() => setSearch('')} width={250}>
      <Menu.Target>
        <button
          ref={button}
          type="button"
          className={css.assignee}
          data-none={(!conversation.assignee_id && !conversation.team_id) || undefined}
          title={plain ? undefined : hint(label, 'assign')}
          aria-label={label}
          data-testid="assign-menu"
        >
          {assignee ? (
            <Avatar id={assignee.id} name={assignee.name} size={22} />
          ) : teamName ? (
            <IconUsersGroup size={20} stroke={1.6} aria-hidden />
          ) : (
            <IconUserCircle size={20} stroke={1.6} aria-hidden />
          )}
          {assignee || teamName ? <bdi>{assignee?.name ?? teamName}</bdi> : <span>{t('assign.none')}</span>}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {active.length + teams.length > many && (
          <TextInput
            data-autofocus
            size="xs"
            m={4}
            {...inDir(search ? 'auto' : i18n.dir())}
            placeholder={t('assign.search')}
            aria-label={t('assign.search')}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        )}
        {me && !search && item(me, t('assign.me'))}
        {found.map((user) => item(user, user.name))}
        {foundTeams.length > 0 && <Menu.Label>{t('assign.teams')}</Menu.Label>}
        {foundTeams.map(teamItem)}
        {(conversation.assignee_id || conversation.team_id) && <Menu.Divider />}
        {conversation.assignee_id && (
          <Menu.Item leftSection={<IconUserOff size={18} stroke={1.6} />} onClick={() => void assign(conversation, null)} data-testid="assign-nobody">
            {t('assign.remove')}
          </Menu.Item>
        )}
        {conversation.team_id && (
          <Menu.Item leftSection={<IconUsersMinus size={18} stroke={1.6} />} onClick={() => void assignTeam(conversation, null)} data-testid="assign-no-team">
            {t('assign.removeTeam')}
          </Menu.Item>
        )}
        {!plain && !search && ( // last, so that nothing moves when it comes
          <>
            <Menu.Divider />
            <Suspense>
              <TransferItem />
            </Suspense>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
