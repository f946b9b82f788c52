/** A condition as the builder holds it: one list of tests, all or any of which must hold. Pure. */
import type { ConditionField } from '~/shared/api/types';

export interface Test {
  field: string;
  op: string;
  value?: string | string[] | boolean;
}

export interface Tests {
  match: 'all' | 'any';
  tests: Test[];
}

/** What the builder knows to ask of each kind of field, in the order in which it is offered. */
const operators = {
  text: ['contains', 'not_contains', 'matches_word', 'starts_with', 'is', 'is_not', 'exists'],
  select: ['is', 'is_not', 'in', 'not_in', 'exists'],
  multi_select: ['contains', 'not_contains', 'exists'],
  checkbox: ['is'],
  user: ['is', 'is_not', 'exists'],
  team: ['is', 'is_not', 'exists'],
  channel: ['is', 'is_not', 'in', 'not_in'],
} as const;

export type Kind = keyof typeof operators;
export type Operator = (typeof operators)[Kind][number];

const isKind = (kind: string): kind is Kind => kind in operators;
export const kindOf = (field: ConditionField | undefined): Kind => (field && isKind(field.kind) ? field.kind : 'text');

/** The fields that the builder can ask about: `unread` depends on who looks, and a path that ends with .* wants a name. */
export const askable = (fields: ConditionField[]) => fields.filter(({ field, kind }) => isKind(kind) && field !== 'unread' && !field.endsWith('.*'));

export const operatorsOf = (field: ConditionField): Operator[] => operators[kindOf(field)].filter((op) => field.operators.includes(op));

/** A test that is about to be filled in. */
export function newTest(field: ConditionField): Test {
  const op = operatorsOf(field)[0] ?? 'is';
  return { field: field.field, op, ...blank(field, op) };
}

/** The value that an operator wants before anybody has said one. */
export function blank(field: ConditionField, op: string): { value?: Test['value'] } {
  if (op === 'exists') return {};
  if (op === 'in' || op === 'not_in') return { value: [] };
  return { value: kindOf(field) === 'checkbox' ? true : '' };
}

/** The same value under another operator, as far as it fits. */
export function withOperator(test: Test, field: ConditionField, op: string): Test {
  const { value } = blank(field, op);
  if (value === undefined) return { field: test.field, op };
  if (Array.isArray(value)) return { ...test, op, value: Array.isArray(test.value) ? test.value : test.value ? [String(test.value)] : [] };
  return { ...test, op, value: Array.isArray(test.value) ? (test.value[0] ?? '') : (test.value ?? value) };
}

const isTest = (part: unknown, fields: ConditionField[]): part is Test => {
  const { field, op, value } = (part ?? {}) as Test;
  const known = askable(fields).find((f) => f.field === field);
  if (!known || !operatorsOf(known).includes(op as Operator)) return false;
  if (op === 'exists') return value === undefined;
  return op === 'in' || op === 'not_in' ? Array.isArray(value) && value.every((v) => typeof v === 'string') : typeof value === 'string' || typeof value === 'boolean';
};

/** A condition of the gateway for the builder; null where it says more than the builder can show. */
export function testsOf(when: unknown, fields: ConditionField[]): Tests | null {
  if (isTest(when, fields)) return { match: 'all', tests: [when] };
  for (const match of ['all', 'any'] as const) {
    const parts = (when as Record<string, unknown> | null)?.[match];
    if (Array.isArray(parts) && parts.every((part) => isTest(part, fields))) return { match, tests: parts };
  }
  return null;
}

/** What the builder holds as the gateway wants it. Without a test it holds for everything. */
export const whenOf = ({ match, tests }: Tests): object => (tests.length === 0 ? { all: [] } : { [match]: tests });

/** Whether every test has been filled in. */
export const complete = ({ tests }: Tests) => tests.every(({ value }) => value === undefined || typeof value === 'boolean' || value.length > 0);
