import css from './CustomerPane.module.css';

interface Props<T extends string> {
  label: string;
  /** What stands there while nothing is chosen. */
  none?: string;
  /** Nothing can be chosen again. */
  clearable?: boolean;
  values: readonly T[];
  nameOf: (value: T) => string;
  value: T | '';
  choose: (value: T | '') => void;
  testId: string;
}

/** One of a few, with the list of the system, which on a phone lies under the thumb. */
export function Choice<T extends string>({ label, none, clearable, values, nameOf, value, choose, testId }: Props<T>) {
  return (
    <label className={css.choice}>
      {label}
      <select value={value} data-none={!value || undefined} onChange={(event) => choose(values.find((one) => one === event.target.value) ?? '')} data-testid={testId}>
        {none !== undefined && <option value="" disabled={!clearable} hidden={!clearable}>{none}</option>}
        {values.map((one) => (
          <option key={one} value={one}>{nameOf(one)}</option>
        ))}
      </select>
    </label>
  );
}
