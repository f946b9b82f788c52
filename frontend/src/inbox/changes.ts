/** What an agent does to a conversation from the header, the palette and the keyboard; each says what it did and can be taken back. */
import i18next from 'i18next';
import { ApiError } from '~/shared/api/client';
import type { Conversation, ConversationType, Priority, Sentiment } from '~/shared/api/types';
import { formatDateTime } from '~/shared/i18n/format';
import { assignConversation, changeConversation, markAllRead, markUnread, type Assignment, type ConversationChange } from '~/shared/realtime/actions';
import { useLive } from '~/shared/realtime/store';
import { toastDone, toastError } from '~/shared/ui/toast';

import { askClosing } from './header/closing';
import { goOn, leave, nextTo, shownIds } from './list/place';

/** Makes a change; a refusal is said, with Retry. */
async function attempt(make: () => Promise<void>): Promise<boolean> {
  try {
    await make();
    return true;
  } catch (cause) {
    toastError(cause, () => void attempt(make));
    return false;
  }
}

const change = (id: string, what: ConversationChange) => attempt(() => changeConversation(id, what));

/** What a team wants before is asked for; the dialog goes on from there. */
async function changeStatus(c: Conversation, what: ConversationChange): Promise<boolean> {
  try {
    await changeConversation(c.id, what);
    return true;
  } catch (cause) {
    if (cause instanceof ApiError && cause.code === 'closing_required') askClosing(c, cause.fields.map(({ field }) => field));
    else toastError(cause, () => void changeStatus(c, what));
    return false;
  }
}

async function setStatus(c: Conversation, what: ConversationChange, message: string): Promise<void> {
  const before = { status: c.status, snoozed_until: c.snoozed_until ?? undefined };
  const done = what.status === 'resolved' || what.status === 'snoozed';
  const next = done && useLive.getState().openId === c.id ? nextTo(c.id) : undefined;
  const takeBack = () => {
    void change(c.id, before);
    if (next) void goOn(c.id);
  };
  const undo = c.status === 'snoozed' && !c.snoozed_until ? undefined : takeBack; // until when cannot be said again
  if (!(await changeStatus(c, what))) return;
  toastDone(message, undo);
  if (next && useLive.getState().openId === c.id) await goOn(next);
}

export const resolve = (c: Conversation, more: ConversationChange = {}) => setStatus(c, { status: 'resolved', ...more }, i18next.t('inbox:done.resolved'));
export const reopen = (c: Conversation) => setStatus(c, { status: 'open' }, i18next.t('inbox:done.reopened'));
export const setPending = (c: Conversation) => setStatus(c, { status: 'pending' }, i18next.t('inbox:done.pending'));
export const toggleResolved = (c: Conversation) => (c.status === 'resolved' ? reopen(c) : resolve(c));

export const snooze = (c: Conversation, until: Date) =>
  setStatus(c, { status: 'snoozed', snoozed_until: until.toISOString() }, i18next.t('inbox:done.snoozed', { time: formatDateTime(until) }));

/** Looking at it would read it again: the list takes its place. */
export async function unread(c: Conversation): Promise<void> {
  if (useLive.getState().openId === c.id) await leave();
  if (await attempt(() => markUnread(c.id))) toastDone(i18next.t('inbox:done.unread'));
}

/** Marks what the list shows. */
export async function allRead(): Promise<void> {
  if (await attempt(() => markAllRead(shownIds()))) toastDone(i18next.t('inbox:done.allRead'));
}

interface Named {
  id: string;
  name: string;
}

async function give(c: Conversation, to: Assignment, message: string): Promise<void> {
  const before: Assignment = { ...('agent_id' in to && { agent_id: c.assignee_id }), ...('team_id' in to && { team_id: c.team_id }) };
  const giveTo = (whom: Assignment) => attempt(() => assignConversation(c.id, whom));
  if (await giveTo(to)) toastDone(message, () => void giveTo(before));
}

export const assign = (c: Conversation, agent: Named | null) =>
  give(c, { agent_id: agent?.id ?? null }, agent ? i18next.t('inbox:done.assigned', { name: agent.name }) : i18next.t('inbox:done.unassigned'));

/** What a team is given waits for its members: nobody has it then. */
export const assignTeam = (c: Conversation, team: Named | null) =>
  give(c, team ? { team_id: team.id, agent_id: null } : { team_id: null }, team ? i18next.t('inbox:done.team', { name: team.name }) : i18next.t('inbox:done.noTeam'));

export const setPriority = (id: string, priority: Priority) => change(id, { priority });
export const setType = (id: string, type: ConversationType) => change(id, { type });
export const setSentiment = (id: string, sentiment: Sentiment) => change(id, { sentiment });
export const setLabels = (id: string, labels: string[]) => change(id, { labels });
