import { expect, test } from 'vitest';
import type { EventFrame } from '~/shared/api/frames';
import type { Board, BoardAgent, Queue, SignOfLife } from '~/shared/api/types';
import { at } from '~/shared/test/samples';
import { agentTrouble, arrange, boardAfter, compareAgents, formatClock, outdates, queueTrouble, summary, type Risen } from './board';

const frame = (type: string, data: object) => ({ type, seq: 1, epoch: 'e', at: at(0), data }) as EventFrame;
const agent = (user_id: string, more: Partial<BoardAgent> = {}): BoardAgent => ({
  user_id, name: user_id, state: 'online', reason: '', since: at(0), load: 0, load_by_kind: {}, capacity: { total: 3 }, team_ids: [], skills: [],
  today: { day: '2026-11-30', given: 0, resolved: 0 }, conversations: [], ...more,
});
const queue = (team_id: string, length: number, oldest_at: string | null = null): Queue => ({ team_id, length, oldest_at, by_priority: {}, service_level: null });
const channel = (id: string, more: Partial<SignOfLife> = {}): SignOfLife => ({ id, name: id, kind: 'whatsapp', health: 'ok', lag_seconds: 0, last_inbound_at: at(0), ...more });
const board: Board = { at: at(0), queues: [queue('t1', 2, at(0))], agents: [agent('a'), agent('b', { state: 'busy' })], channels: [channel('c')] };

test('what the socket tells takes the place of what was known; who is no longer active leaves', () => {
  const next = boardAfter(board, [
    frame('queue.updated', queue('t1', 5)),
    frame('queue.updated', queue('t2', 1)),
    frame('board.updated', { agents: [agent('a', { load: 2 })], gone: ['b'] }),
    frame('agent.updated', { user_id: 'a', state: 'away', reason: 'lunch', since: at(60) }),
  ]);
  expect(next.queues.map((q) => [q.team_id, q.length])).toEqual([['t1', 5], ['t2', 1]]);
  expect(next.agents).toEqual([agent('a', { load: 2, state: 'away', reason: 'lunch', since: at(60) })]);
  expect(boardAfter(board, [frame('typing', {})])).toBe(board);
});

test('a customer’s message is the channel’s last sign of life; a later one is not taken back', () => {
  const said = (seconds: number, direction: string) => frame('message.created', { channel_id: 'c', direction, created_at: at(seconds) });
  const fresh = { ...board, channels: [channel('c', { health: 'new', last_inbound_at: null })] };
  expect(boardAfter(fresh, [said(5, 'in')]).channels[0]).toMatchObject({ health: 'ok', last_inbound_at: at(5) });
  expect(boardAfter(board, [said(9, 'in'), said(5, 'in'), said(20, 'out')]).channels[0]?.last_inbound_at).toBe(at(9));
});

test('other teams and unknown agents ask for the board anew', () => {
  expect(outdates(board, [frame('team.updated', {})])).toBe(true);
  expect(outdates(board, [frame('agent.updated', { user_id: 'new' })])).toBe(true);
  expect(outdates(board, [frame('agent.updated', { user_id: 'a' }), frame('queue.updated', queue('t1', 1))])).toBe(false);
});

test('a queue is over its limit when the first waits longer than the team lets it or too few are answered in time, an agent with more than fits or long away', () => {
  const now = Date.parse(at(0)) + 200_000;
  const overflow = { overflow: [{ after_seconds: 60, team_id: 't2' }] } as Parameters<typeof queueTrouble>[1];
  expect(queueTrouble(queue('t1', 1, at(0)), undefined, now)).toBeNull();
  expect(queueTrouble(queue('t1', 1, at(0)), overflow, now)).toBe('wait');
  expect(queueTrouble({ ...queue('t1', 0), service_level: 0.79 }, undefined, now)).toBe('level');
  expect(queueTrouble({ ...queue('t1', 0), service_level: 0.8 }, undefined, now)).toBeNull();
  expect(agentTrouble(agent('a', { load: 4 }), now)).toBe('load');
  expect(agentTrouble(agent('a', { state: 'away' }), now + 3_600_000)).toBe('away');
  expect(agentTrouble(agent('a', { state: 'offline' }), now + 3_600_000)).toBeNull();
});

test('what went over its limit stays at the top for two minutes after that, in the order in which it did', () => {
  const risen: Risen = new Map();
  const order = (over: string[], now: number) => arrange(['a', 'b', 'c', 'd'], risen, now, { id: (s) => s, over: (s) => over.includes(s), compare: (x, y) => x.localeCompare(y) }).join('');
  expect(order([], 0)).toBe('abcd');
  expect(order(['d'], 1000)).toBe('dabc');
  expect(order(['c', 'd'], 2000)).toBe('dcab');
  expect(order(['c'], 60_000)).toBe('dcab');
  expect(order(['c'], 130_000)).toBe('cabd');
});

test('who can take something stands before who cannot', () => {
  const all = [agent('z'), agent('y', { state: 'offline' }), agent('x', { state: 'away' }), agent('w', { state: 'busy' }), agent('a')];
  expect(all.toSorted(compareAgents).map((a) => a.user_id)).toEqual(['a', 'z', 'w', 'x', 'y']);
});

test('the sums count free places of those only who are available and in a team', () => {
  const team_ids = ['t1'];
  expect(summary({ ...board, agents: [agent('a', { load: 1, team_ids }), agent('b', { load: 5, team_ids }), agent('c', { state: 'away', team_ids }), agent('d')] })).toEqual({ waiting: 2, oldest: at(0), online: 3, places: 2 });
});

test.each([[7, '0:07'], [272, '4:32'], [3872, '1:04:32'], [-3, '0:00']])('%d seconds are %s', (seconds, text) => {
  expect(formatClock(seconds)).toBe(text);
});
