import type { Rule, RuleInput } from '~/shared/api/types';

/** The ids with one moved to another place; the same array where that is its place already or there is none. */
export function moved(ids: string[], id: string, to: number): string[] {
  const from = ids.indexOf(id);
  if (from < 0 || from === to || to < 0 || to >= ids.length) return ids;
  return ids.toSpliced(from, 1).toSpliced(to, 0, id);
}

/** Rules as a replay takes them. */
// oxlint-disable-next-line unicorn/no-thenable -- the API calls it so
export const inputsOf = (rules: Rule[]): RuleInput[] => rules.map(({ name, enabled, when, then, go_on }) => ({ name, enabled, when, then, go_on }));

/** The rules as they would be if one that is being edited were saved; a new one comes last. */
export function withEdited(rules: Rule[], id: string | null, edited: RuleInput): RuleInput[] {
  const at = rules.findIndex((rule) => rule.id === id);
  const all = inputsOf(rules);
  return at < 0 ? [...all, edited] : all.with(at, { ...all[at], ...edited });
}
