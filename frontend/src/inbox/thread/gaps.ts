import type { LifelineStep } from '~/shared/api/types';

/** Each step with the time since the one before it that has a time; null where there is none, or clocks disagree. Pure. */
export function withGaps(steps: LifelineStep[]): { step: LifelineStep; gap: number | null }[] {
  let before: number | null = null;
  return steps.map((step) => {
    if (!step.at) return { step, gap: null };
    const at = Date.parse(step.at);
    const gap = before !== null && at >= before ? at - before : null;
    before = at;
    return { step, gap };
  });
}
