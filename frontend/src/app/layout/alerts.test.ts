import { expect, test } from 'vitest';
import type { EventFrame } from '~/shared/api/frames';
import type { Conversation } from '~/shared/api/types';
import { at, conversation, message } from '~/shared/test/samples';
import { alertsOf } from './alerts';

const now = Date.parse(at(30));
const came = (change: Partial<ReturnType<typeof message>> = {}, when = at(30)) => ({ type: 'message.created', seq: 1, epoch: 'e', at: when, data: message('m', change) }) as EventFrame;
const scene = (c: Partial<Conversation> = {}, sound: 'mine' | 'all' | 'off' = 'mine', looking = '') => ({
  myId: 'me', looking, conversation: () => conversation('c1', c), prefs: { sound, desktop: true, tested: true }, now,
});
const count = (frame: EventFrame, ...rest: Parameters<typeof scene>) => alertsOf([frame], scene(...rest)).length;

test('rings for my conversations and for those of nobody, not for a colleague’s', () => {
  expect(count(came(), { assignee_id: 'me' })).toBe(1);
  expect(count(came(), { assignee_id: null })).toBe(1);
  expect(count(came(), { assignee_id: 'other' })).toBe(0);
  expect(count(came(), { assignee_id: 'other' }, 'all')).toBe(1);
  expect(count(came(), { team_id: 't1' })).toBe(0); // waits in its queue
  expect(count(came(), { team_id: 't1', assignee_id: 'me' })).toBe(1);
});

test('is silent about what is being looked at, what we sent, and what is caught up after a break', () => {
  expect(count(came(), {}, 'mine', 'c1')).toBe(0);
  expect(count(came({ direction: 'out' }))).toBe(0);
  expect(count(came({ type: 'system' }))).toBe(0);
  expect(count(came({}, at(-60)))).toBe(0);
});

test('rings for notices about work, not for those about channels', () => {
  const notice = (kind: string, conversation_id?: string) =>
    ({ type: 'notification.created', seq: 1, epoch: 'e', at: at(30), data: { id: 'n', kind, title: '', detail: '', severity: 'info', conversation_id } }) as EventFrame;
  expect(alertsOf([notice('assigned', 'c1')], scene())).toMatchObject([{ kind: 'notice', name: 'Noa Levi' }]);
  expect(alertsOf([notice('sla_breached', 'c1')], scene())).toHaveLength(1);
  expect(alertsOf([notice('channel_stopped')], scene())).toEqual([]);
});

test('rings for what is offered to me, not for what is offered to others', () => {
  const offered = (to: string) => ({ type: 'assignment.offered', seq: 1, epoch: 'e', at: at(30), data: { conversation_id: 'c1', team_id: 't1', agent_id: to, until: at(60) } }) as EventFrame;
  expect(alertsOf([offered('me')], scene())).toMatchObject([{ kind: 'offered', name: 'Noa Levi' }]);
  expect(alertsOf([offered('other')], scene())).toEqual([]);
});
