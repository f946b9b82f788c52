import type { PresenceStatus } from '~/shared/api/types';
import { storedChoice } from '~/shared/lib/stored';

/** The presence that this person chose last; it is said again whenever the line comes up. */
export const [, choosePresence, chosenPresence] = storedChoice<PresenceStatus>('wasl.presence', 'available');
