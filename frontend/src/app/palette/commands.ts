import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { assign, assignTeam, setLabels, setPriority, setType, snooze } from '~/inbox/changes';
import { viewName } from '~/inbox/list/viewName';
import { runMacro } from '~/inbox/macros';
import { useMyQueues } from '~/routing/queues';
import { doAction, offeredActions } from '~/shared/actions/actions';
import { keyOf, keyText, useChosenKeys } from '~/shared/actions/keymap';
import { actionOf, type Action } from '~/shared/actions/registry';
import { api, bodyOf } from '~/shared/api/client';
import { useTeams, useUsers } from '~/shared/api/queries';
import type { ConversationType, Priority } from '~/shared/api/types';
import { useLabelNames } from '~/shared/desk/Labels';
import { useMacros, useViews } from '~/shared/desk/queries';
import { isLanguage, languages, setLanguage } from '~/shared/i18n';
import { firstDayOf, snoozeChoices } from '~/shared/lib/snooze';
import { keepConversations } from '~/shared/realtime/actions';
import { useConversation } from '~/shared/realtime/conversations';
import { useLive } from '~/shared/realtime/store';
import { useNow } from '~/shared/ui/RelTime';
import { toastError } from '~/shared/ui/toast';
import { choosePresence, presenceStates } from '../layout/presence';

export interface Command {
  id: string;
  group: Action['group'] | 'contacts';
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

/** What the palette itself is, or what only a key can mean. */
const notHere = new Set(['palette', 'leave', 'line', 'next', 'previous']);

/** The actions that can be done now. */
function useActionCommands(): Command[] {
  const { t } = useTranslation('actions');
  const chosen = useChosenKeys();
  return offeredActions()
    .filter((id) => !notHere.has(id))
    .map((id) => ({ id, group: actionOf(id).group, label: t(`do.${id}`), keys: keyText(keyOf(id, chosen)), run: () => doAction(id) }));
}

const priorities: Priority[] = ['urgent', 'high', 'medium', 'low', 'none'];
const types: Exclude<ConversationType, ''>[] = ['sales', 'support', 'complaint', 'other'];

/** The choices that an action of the open conversation asks for, each at once: to whom, until when, which. */
function useConversationChoices(): Command[] {
  const { t, i18n } = useTranslation(['inbox', 'desk', 'actions']);
  const macros = useMacros().data ?? [];
  const labels = useLabelNames();
  const now = useNow();
  const c = useConversation(useLive((s) => s.openId));
  const me = useLive((s) => s.me?.user);
  const { data: users = [] } = useUsers();
  const { data: teams = [] } = useTeams();
  if (!c) return [];
  const choice = (id: string, label: string, run: () => void, keys?: string): Command => ({ id, group: 'conversation', label, run, keys });
  const others = users.filter((u) => u.active !== false && u.id !== c.assignee_id && u.id !== me?.id);
  return [
    ...macros.map((macro) => choice(`macro-${macro.id}`, `${t('desk:macro.one')}: ${macro.name}`, () => void runMacro(c.id, macro), macro.hotkey && keyText(macro.hotkey))),
    ...(c.status === 'resolved' ? [] : snoozeChoices(new Date(now), firstDayOf(i18n.language))).map(({ key, until }) =>
      choice(`snooze-${key}`, `${t('do.snooze')}: ${t(`snooze.${key}`)}`, () => void snooze(c, until)),
    ),
    ...others.map((u) => choice(`assign-${u.id}`, t('assign.do', { name: u.name }), () => void assign(c, u))),
    ...teams.filter((team) => team.id !== c.team_id || c.assignee_id).map((team) => choice(`team-${team.id}`, t('assign.doTeam', { name: team.name }), () => void assignTeam(c, team))),
    ...(c.assignee_id ? [choice('unassign', t('assign.remove'), () => void assign(c, null))] : []),
    ...(c.team_id ? [choice('no-team', t('assign.removeTeam'), () => void assignTeam(c, null))] : []),
    ...priorities.filter((p) => p !== c.priority).map((p) => choice(`priority-${p}`, `${t('customer.priority')}: ${t(`priority.${p}`)}`, () => void setPriority(c.id, p))),
    ...types.filter((type) => type !== c.type).map((type) => choice(`type-${type}`, `${t('customer.type')}: ${t(`type.${type}`)}`, () => void setType(c.id, type))),
    ...labels.filter((label) => !c.labels.includes(label)).map((label) => choice(`label-${label}`, `${t('customer.addLabel')}: ${label}`, () => void setLabels(c.id, [...c.labels, label]))),
    ...c.labels.map((label) => choice(`unlabel-${label}`, `${t('actions:removeLabel')}: ${label}`, () => void setLabels(c.id, c.labels.filter((one) => one !== label)))),
  ];
}

/** Queues, views, states and languages. */
function useOtherChoices(): Command[] {
  const { t, i18n } = useTranslation(['common', 'inbox']);
  const navigate = useNavigate();
  const queues = useMyQueues();
  const views = useViews().data ?? [];
  return [
    ...queues.map(({ team }): Command => ({ id: `queue-${team.id}`, group: 'go', label: `${t('inbox:queue.one')}: ${team.name}`, run: () => void navigate({ to: '/inbox', search: { queue: team.id } }) })),
    ...views.map((view): Command => ({ id: `view-${view.id}`, group: 'go', label: `${t('nav.inbox')}: ${viewName(view)}`, run: () => void navigate({ to: '/inbox', search: { saved: view.id } }) })),
    ...presenceStates.map((state): Command => ({ id: `presence-${state}`, group: 'me', label: `${t('presence.set')}: ${t(`presence.${state}`)}`, run: () => void choosePresence(state) })),
    ...Object.entries(languages)
      .filter(([code]) => code !== i18n.language)
      .map(([code, { name }]): Command => ({ id: `language-${code}`, group: 'me', label: `${t('nav.language')}: ${name}`, run: () => void (isLanguage(code) && setLanguage(code)) })),
  ];
}

const order: Command['group'][] = ['conversation', 'field', 'message', 'list', 'go', 'me'];

/** Everything that the palette can do now, in its groups. */
export function useCommands(): Command[] {
  const all = [...useActionCommands(), ...useConversationChoices(), ...useOtherChoices()];
  return order.flatMap((group) => all.filter((command) => command.group === group));
}
