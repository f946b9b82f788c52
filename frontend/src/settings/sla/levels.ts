/** What a service level promises. Pure. */
import type { Policy } from '~/shared/api/types';
import { formatSpan } from '~/shared/i18n/format';

export const metrics = ['first_answer', 'next_answer', 'resolution'] as const;
export type Metric = (typeof metrics)[number];

/** The minutes of each metric; '' where nothing is promised. */
export type Minutes = Record<Metric, number | ''>;

export const minutesOf = (policy: Policy | null): Minutes => ({
  first_answer: policy ? (policy.first_answer_minutes ?? '') : 15,
  next_answer: policy?.next_answer_minutes ?? '',
  resolution: policy?.resolution_minutes ?? '',
});

/** The longest promise: ninety days. */
export const mostMinutes = 129_600;

/** Whether the gateway takes them: at least one, each within its bounds. */
export const ready = (minutes: Minutes) => metrics.some((m) => minutes[m]) && metrics.every((m) => minutes[m] === '' || (minutes[m] >= 0 && minutes[m] <= mostMinutes));

/** What is promised, in the order of what happens, with its time in words. */
export const promised = (policy: Policy) => {
  const minutes = minutesOf(policy);
  return metrics.flatMap((metric) => (minutes[metric] ? [{ metric, span: formatSpan(Number(minutes[metric]) * 60_000) }] : []));
};
