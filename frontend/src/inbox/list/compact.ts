import { storedChoice } from '~/shared/lib/stored';

/** Whether rows are one line high; a choice of this device. */
export const [useCompact, setCompact] = storedChoice('wasl.compact', false);
