import { TextInput, type TextInputProps } from '@mantine/core';

interface Props extends Omit<TextInputProps, 'value' | 'onChange' | 'min' | 'max'> {
  value?: number | '';
  min?: number;
  max?: number;
  onChange: (value: number | '') => void;
}

/** A whole number; '' where there is none. */
export function NumberField({ value, onChange, ...props }: Props) {
  return (
    <TextInput
      type="number"
      inputMode="numeric"
      step={1}
      {...props}
      value={value ?? ''}
      onChange={(event) => {
        const typed = event.target.valueAsNumber;
        onChange(Number.isNaN(typed) ? '' : Math.round(typed));
      }}
    />
  );
}
