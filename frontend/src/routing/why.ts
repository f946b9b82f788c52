/** What a decision says, before it is put into words. Pure. */
import type { Candidate, Decision } from '~/shared/api/types';

export type Headline =
  | 'wouldGo' | 'nobody' | 'chosen' | 'byRule' | 'pull' | 'return' | 'absence' | 'decline' | 'timeout' | 'accept';

/** The line that stands for a decision, and the user whom it is about. */
export function headline(decision: Decision): { key: Headline; agentId: string } {
  const { cause, chosen = '' } = decision;
  const about = decision.candidates[0]?.agent_id ?? '';
  switch (cause) {
    case 'waiting':
      return { key: chosen ? 'wouldGo' : 'nobody', agentId: chosen };
    case 'queue':
      return { key: chosen ? 'chosen' : 'nobody', agentId: chosen };
    case 'rule':
      return { key: 'byRule', agentId: chosen };
    case 'pull':
    case 'return':
    case 'accept':
      return { key: cause, agentId: chosen };
    case 'absence':
    case 'decline':
    case 'timeout':
      return { key: cause, agentId: about };
  }
}

/** Those whom a decision looked at, with what there is to say of each: whoever was chosen first, then who could have had it. */
export function others(decision: Decision): Candidate[] {
  if (decision.cause === 'decline' || decision.cause === 'timeout' || decision.cause === 'absence') return [];
  const rank = (c: Candidate) => (c.reason === 'chosen' ? 0 : c.eligible ? 1 : 2);
  return decision.candidates.toSorted((a, b) => rank(a) - rank(b));
}
