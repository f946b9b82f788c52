import { expect, test } from 'vitest';
import type { EventFrame } from '~/shared/api/frames';
import type { Conversation } from '~/shared/api/types';
import { at, conversation, message } from '~/shared/test/samples';
import { isQuiet, usual, withOldChoices } from '~/shared/notify/settings';
import { alertsOf } from './alerts';

const now = Date.parse(at(30));
const came = (change: Partial<ReturnType<typeof message>> = {}, when = at(30)) => ({ type: 'message.created', seq: 1, epoch: 'e', at: when, data: message('m', change) }) as EventFrame;
const scene = (c: Partial<Conversation> = {}, messages: 'mine' | 'all' = 'mine', looking = '') => ({
  myId: 'me', looking, conversation: () => conversation('c1', c), settings: { ...usual, messages }, now,
});
const count = (frame: EventFrame, ...rest: Parameters<typeof scene>) => alertsOf([frame], scene(...rest)).filter(({ sound }) => sound).length;

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

test('rings for notices about work, by choice for those about channels', () => {
  const notice = (kind: string, conversation_id?: string) =>
    ({ type: 'notification.created', seq: 1, epoch: 'e', at: at(30), data: { id: 'n', kind, title: '', detail: '', severity: 'info', conversation_id } }) as EventFrame;
  expect(alertsOf([notice('assigned', 'c1')], scene())).toMatchObject([{ kind: 'notice', name: 'Noa Levi' }]);
  expect(alertsOf([notice('sla_breached', 'c1')], scene())).toHaveLength(1);
  expect(alertsOf([notice('channel_stopped')], scene())).toMatchObject([{ sound: false, desktop: false }]);
  const all = { ...scene(), settings: withOldChoices(usual, { tested: true, sound: 'all', desktop: true }) };
  expect(alertsOf([notice('assigned', 'c1')], all)).toMatchObject([{ sound: true, desktop: true }]);
});

test('rings for what is offered to me, not for what is offered to others', () => {
  const offered = (to: string) => ({ type: 'assignment.offered', seq: 1, epoch: 'e', at: at(30), data: { conversation_id: 'c1', team_id: 't1', agent_id: to, until: at(60) } }) as EventFrame;
  expect(alertsOf([offered('me')], scene())).toMatchObject([{ kind: 'offered', name: 'Noa Levi' }]);
  expect(alertsOf([offered('other')], scene())).toEqual([]);
});

test('is still in quiet hours, which begin and end by the wall clock of their zone', () => {
  const night = { from: '22:00', to: '07:00', zone: 'Asia/Jerusalem', days: [5] };
  const when = (time: string) => isQuiet(night, Date.parse(time));
  expect([when('2026-01-09T19:59:59Z'), when('2026-01-09T20:00:00Z'), when('2026-01-10T04:59:59Z'), when('2026-01-10T05:00:00Z')]).toEqual([false, true, true, false]);
  expect([when('2026-01-09T03:00:00Z'), when('2026-01-10T20:00:00Z'), when('2026-07-10T19:00:00Z')]).toEqual([false, false, true]);
  const small = { from: '01:30', to: '02:30', zone: 'Europe/Berlin' };
  expect(['00:15', '00:45', '01:15', '01:45'].map((time) => isQuiet(small, Date.parse(`2026-10-25T${time}:00Z`)))).toEqual([true, false, true, false]);
  const always = { ...scene(), settings: { ...usual, quiet_hours: { from: '00:00', to: '23:59', zone: 'UTC' } } };
  expect(alertsOf([came()], always)).toMatchObject([{ sound: false, desktop: false }]);
});

test('keeps what somebody chose on their device before', () => {
  const off = withOldChoices(usual, { tested: true, sound: 'off', desktop: true });
  expect(Object.values(off.events).some(({ sound }) => sound)).toBe(false);
  expect(off.events).toMatchObject({ message: { desktop: true }, offered: { desktop: true }, assigned: { desktop: true } });
  expect(withOldChoices(usual, { tested: true, sound: 'all', desktop: false })).toEqual({ ...usual, messages: 'all' });
});
