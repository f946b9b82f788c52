import { expect, test } from 'vitest';
import type { Candidate, Decision } from '~/shared/api/types';
import { at } from '~/shared/test/samples';
import { headline, others } from './why';

const candidate = (agent_id: string, reason: Candidate['reason'], eligible = false): Candidate => ({ agent_id, eligible, reason, load: 1, capacity: 5, skill: 0, idle_seconds: 0 });
const decision = (cause: Decision['cause'], change: Partial<Decision> = {}): Decision => ({ at: at(0), cause, strategy: 'least_loaded', candidates: [], ...change });

test('who declined, did not answer or left is named, not whoever is asked next', () => {
  for (const cause of ['decline', 'timeout', 'absence'] as const) {
    const said = decision(cause, { candidates: [candidate('u1', 'declined')] });
    expect(headline(said)).toEqual({ key: cause, agentId: 'u1' });
    expect(others(said)).toEqual([]);
  }
});

test('what waits says who would have it now, or that nobody can', () => {
  expect(headline(decision('waiting', { chosen: 'u2' }))).toEqual({ key: 'wouldGo', agentId: 'u2' });
  expect(headline(decision('waiting'))).toEqual({ key: 'nobody', agentId: '' });
  expect(headline(decision('queue', { chosen: 'u2' }))).toEqual({ key: 'chosen', agentId: 'u2' });
});

test('whoever was chosen is listed first, then those who could have had it', () => {
  const said = decision('queue', { candidates: [candidate('off', 'offline'), candidate('more', 'less_loaded_exists', true), candidate('got', 'chosen', true)] });
  expect(others(said).map((c) => c.agent_id)).toEqual(['got', 'more', 'off']);
});
