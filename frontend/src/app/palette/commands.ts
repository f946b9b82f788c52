import { useMantineColorScheme } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { askReminder } from '~/inbox/remind/asking';
import { allRead, assign, assignTeam, reopen, resolve, setPending, setPriority, snooze, unread } from '~/inbox/changes';
import { resolved, sendFromOutside, untilAnswered } from '~/inbox/composer/sendAnd';
import { useUndo } from '~/inbox/composer/useUndo';
import { runMacro } from '~/inbox/macros';
import { api, bodyOf } from '~/shared/api/client';
import { useTeams, useUsers } from '~/shared/api/queries';
import type { Priority } from '~/shared/api/types';
import { keysOf } from '~/shared/desk/hotkey';
import { useMacros, useViews } from '~/shared/desk/queries';
import { viewName } from '~/inbox/list/viewName';
import { isLanguage, languages, setLanguage } from '~/shared/i18n';
import { altKey, modKey } from '~/shared/lib/keyNames';
import { firstDayOf, snoozeChoices } from '~/shared/lib/snooze';
import { keepConversations } from '~/shared/realtime/actions';
import { useConversation } from '~/shared/realtime/conversations';
import { useSent } from '~/shared/realtime/sent';
import { useLive, useMay } from '~/shared/realtime/store';
import { toastError } from '~/shared/ui/toast';
import { useNow } from '~/shared/ui/RelTime';
import { choosePresence, presenceStates } from '../layout/presence';
import { takeNext, useMyQueues } from '~/routing/queues';
import { openOverlay } from '../overlays';

export interface Command {
  id: string;
  group: 'conversation' | 'go' | 'me' | 'contacts';
  label: string;
  hint?: string;
  keys?: string;
  run: () => void;
}

/** Opens the newest conversation of a customer. */
export function useOpenContact(): (contactId: string) => void {
  const navigate = useNavigate();
  return async (contactId) => {
    try {
      const { items } = await bodyOf(api.GET('/api/v1/conversations', { params: { query: { contact: contactId, limit: 1 } } }));
      keepConversations(items);
      if (items[0]) await navigate({ to: '/inbox/$conversationId', params: { conversationId: items[0].id } });
    } catch (cause) {
      toastError(cause);
    }
  };
}

/** What can be done with the conversation on screen. */
function useConversationCommands(): Command[] {
  const { t, i18n } = useTranslation(['inbox', 'composer', 'desk', 'finish']);
  const undo = useUndo();
  const sent = useSent((s) => s.sent !== null);
  const macros = useMacros().data ?? [];
  const now = useNow();
  const c = useConversation(useLive((s) => s.openId));
  const me = useLive((s) => s.me?.user);
  const { data: users = [] } = useUsers();
  const { data: teams = [] } = useTeams();
  if (!c) return [];
  const command = (id: string, label: string, run: () => void, keys?: string): Command => ({ id, group: 'conversation', label, run, keys });
  const done = c.status === 'resolved';
  const undoable = sent ? [command('undo-send', t('composer:undo.do'), undo, `${modKey}+Z`)] : [];
  const send = sendFromOutside();
  const sending = send
    ? [command('send-resolve', t('finish:send.resolve'), () => send(resolved), `${modKey} Shift Enter`), command('send-snooze', t('finish:send.snooze'), () => send(untilAnswered))]
    : [];
  const others = users.filter((u) => u.active !== false && u.id !== c.assignee_id);
  return [
    ...undoable,
    ...sending,
    done ? command('reopen', t('do.reopen'), () => void reopen(c), 'E') : command('resolve', t('do.resolve'), () => void resolve(c), 'E'),
    ...macros.map((macro) => command(`macro-${macro.id}`, `${t('desk:macro.one')}: ${macro.name}`, () => void runMacro(c.id, macro), macro.hotkey && keysOf(macro.hotkey).join(' '))),
    ...(c.inbound_count > 0 ? [command('unread', t('do.unread'), () => void unread(c), 'U')] : []),
    ...(c.status === 'pending' || done ? [] : [command('pending', t('do.pending'), () => void setPending(c))]),
    ...(done ? [] : snoozeChoices(new Date(now), firstDayOf(i18n.language))).map(({ key, until }) =>
      command(`snooze-${key}`, `${t('do.snooze')}: ${t(`snooze.${key}`)}`, () => void snooze(c, until)),
    ),
    ...others.map((u) => command(`assign-${u.id}`, t('assign.do', { name: u.id === me?.id ? t('assign.me') : u.name }), () => void assign(c, u))),
    ...teams.filter((team) => team.id !== c.team_id || c.assignee_id).map((team) => command(`team-${team.id}`, t('assign.doTeam', { name: team.name }), () => void assignTeam(c, team))),
    ...(c.assignee_id ? [command('unassign', t('assign.remove'), () => void assign(c, null))] : []),
    ...(c.team_id ? [command('no-team', t('assign.removeTeam'), () => void assignTeam(c, null))] : []),
    command('remind', t('do.remind'), () => askReminder(true), `${altKey} M`),
    ...(['urgent', 'high', 'medium', 'low', 'none'] satisfies Priority[])
      .filter((p) => p !== c.priority)
      .map((p) => command(`priority-${p}`, `${t('customer.priority')}: ${t(`priority.${p}`)}`, () => void setPriority(c.id, p))),
  ];
}

export function useCommands(): Command[] {
  const { t, i18n } = useTranslation(['common', 'inbox', 'settings', 'desk']);
  const navigate = useNavigate();
  const { toggleColorScheme } = useMantineColorScheme();
  const conversation = useConversationCommands();
  const queues = useMyQueues();
  const views = useViews().data ?? [];
  const watches = useMay('floor.watch');
  const openNext = async () => {
    const taken = await takeNext();
    if (taken) await navigate({ to: '/inbox/$conversationId', params: { conversationId: taken.id } });
  };
  const go = (id: string, label: string, run: () => void, keys?: string): Command => ({ id: `go-${id}`, group: 'go', label, run, keys });
  const mine = (id: string, label: string, run: () => void, keys?: string): Command => ({ id: `me-${id}`, group: 'me', label, run, keys });
  return [
    ...conversation,
    go('mine', `${t('nav.inbox')}: ${t('inbox:view.mine')}`, () => void navigate({ to: '/inbox', search: { view: 'mine' } })),
    go('unassigned', `${t('nav.inbox')}: ${t('inbox:view.unassigned')}`, () => void navigate({ to: '/inbox', search: { view: 'unassigned' } })),
    go('all', `${t('nav.inbox')}: ${t('inbox:view.all')}`, () => void navigate({ to: '/inbox', search: {} })),
    go('unread', `${t('nav.inbox')}: ${t('inbox:filter.unread')}`, () => void navigate({ to: '/inbox', search: { unread: true } })),
    go('snoozed', `${t('nav.inbox')}: ${t('inbox:status.snoozed')}`, () => void navigate({ to: '/inbox', search: { status: ['snoozed'] } })),
    go('resolved', `${t('nav.inbox')}: ${t('inbox:status.resolved')}`, () => void navigate({ to: '/inbox', search: { status: ['resolved'] } })),
    ...(queues.length > 0 ? [go('next', t('inbox:queue.take'), () => void openNext(), 'T')] : []),
    ...queues.map(({ team }) => go(`queue-${team.id}`, `${t('inbox:queue.one')}: ${team.name}`, () => void navigate({ to: '/inbox', search: { queue: team.id } }))),
    ...(watches ? [go('live', t('nav.live'), () => void navigate({ to: '/live' }), 'G L')] : []),
    go('all-read', t('inbox:list.readAll'), () => void allRead()),
    go('customer', t('inbox:customer.new'), () => openOverlay('customer')),
    go('channels', t('settings:channels.title'), () => void navigate({ to: '/settings/channels' })),
    ...views.map((view) => go(`view-${view.id}`, `${t('nav.inbox')}: ${viewName(view)}`, () => void navigate({ to: '/inbox', search: { saved: view.id } }))),
    go('canned', t('desk:canned.title'), () => void navigate({ to: '/settings/canned-replies' })),
    go('macros', t('desk:macro.title'), () => void navigate({ to: '/settings/macros' })),
    go('labels', t('desk:label.title'), () => void navigate({ to: '/settings/labels' })),
    go('profile', t('nav.profile'), () => void navigate({ to: '/settings/profile' })),
    ...presenceStates.map((state) => mine(state, `${t('presence.set')}: ${t(`presence.${state}`)}`, () => void choosePresence(state))),
    mine('theme', t('nav.theme'), toggleColorScheme),
    ...Object.entries(languages)
      .filter(([code]) => code !== i18n.language)
      .map(([code, { name }]) => mine(code, `${t('nav.language')}: ${name}`, () => void (isLanguage(code) && setLanguage(code)))),
    mine('help', t('help.title'), () => openOverlay('help'), '?'),
  ];
}
