import type { AgentState } from '~/shared/api/types';
import { setPresence } from '~/shared/realtime/actions';
import { toastError } from '~/shared/ui/toast';

export const presenceStates: AgentState[] = ['online', 'busy', 'away', 'offline'];

/** Chooses what this person is; a refusal is said, with Retry. */
export async function choosePresence(state: AgentState, reason = ''): Promise<void> {
  try {
    await setPresence(state, reason);
  } catch (cause) {
    toastError(cause, () => void choosePresence(state, reason));
  }
}
