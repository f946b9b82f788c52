import type { LifelineStep } from '~/shared/api/types';
import { daysBetween } from '~/shared/i18n/format';

/** A step with the time since the one before it that has a time; null where there is none, or clocks disagree. */
export interface Passed {
  step: LifelineStep;
  gap: number | null;
  /** It is the first one of its day. */
  newDay: boolean;
}

export function withGaps(steps: LifelineStep[]): Passed[] {
  let before: number | null = null;
  return steps.map((step) => {
    if (!step.at) return { step, gap: null, newDay: false };
    const at = Date.parse(step.at);
    const gap = before !== null && at >= before ? at - before : null;
    const newDay = before === null || daysBetween(new Date(before), new Date(at)) !== 0;
    before = at;
    return { step, gap, newDay };
  });
}
