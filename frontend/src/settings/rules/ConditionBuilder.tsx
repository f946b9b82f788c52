import { ActionIcon, Button, MultiSelect, Select, TagsInput, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConditionField } from '~/shared/api/types';
import { inDir } from '~/shared/ui/inDir';
import css from '../Settings.module.css';
import { askable, kindOf, newTest, operatorsOf, withOperator, type Test, type Tests } from './condition';
import own from './Rules.module.css';
import { useWords } from './words';

interface Props {
  value: Tests;
  fields: ConditionField[];
  onChange: (value: Tests) => void;
}

/** Tests that read as a sentence: field, comparison, value, joined by "and" or "or". */
export function ConditionBuilder({ value, fields, onChange }: Props) {
  const { t } = useTranslation('settings');
  const { match, tests } = value;
  const first = askable(fields).find(({ field }) => field === 'text') ?? askable(fields)[0];
  const put = (n: number, test: Test) => onChange({ match, tests: tests.with(n, test) });
  return (
    <fieldset className={css.rows}>
      <legend className={css.label}>{tests.length > 0 ? t('rules.when') : t('rules.always')}</legend>
      <div className={own.tests}>
        {tests.map((test, n) => (
          <Fragment key={n}>
            {n === 1 && (
              <Select
                size="xs"
                w={110}
                aria-label={t('rules.match')}
                allowDeselect={false}
                data={(['all', 'any'] as const).map((one) => ({ value: one, label: t(`rules.join.${one}`) }))}
                value={match}
                onChange={(one) => onChange({ match: one === 'any' ? 'any' : 'all', tests })}
              />
            )}
            {n > 1 && <span className={own.join}>{t(`rules.join.${match}`)}</span>}
            <Row test={test} fields={fields} onChange={(next) => put(n, next)} onRemove={() => onChange({ match, tests: tests.toSpliced(n, 1) })} />
          </Fragment>
        ))}
      </div>
      {first && (
        <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={15} />} onClick={() => onChange({ match, tests: [...tests, newTest(first)] })} data-testid="test-add">
          {t('rules.addTest')}
        </Button>
      )}
    </fieldset>
  );
}

function Row({ test, fields, onChange, onRemove }: { test: Test; fields: ConditionField[]; onChange: (test: Test) => void; onRemove: () => void }) {
  const { t } = useTranslation('settings');
  const words = useWords();
  const field = fields.find((one) => one.field === test.field);
  if (!field) return null;
  const choose = (path: string | null) => {
    const next = fields.find((one) => one.field === path);
    if (next && next.field !== test.field) onChange(newTest(next));
  };
  return (
    <div className={own.test} data-testid="test">
      <Select size="xs" aria-label={t('rules.fieldLabel')} allowDeselect={false} searchable data={askable(fields).map((one) => ({ value: one.field, label: words.field(one.field) }))} value={test.field} onChange={choose} data-testid="test-field" />
      <Select size="xs" aria-label={t('rules.opLabel')} allowDeselect={false} data={operatorsOf(field).map((op) => ({ value: op, label: words.operator(op) }))} value={test.op} onChange={(op) => op && onChange(withOperator(test, field, op))} />
      <div className={own.value}>
        <Value test={test} field={field} onChange={onChange} />
      </div>
      <ActionIcon size="md" aria-label={t('rules.removeTest')} onClick={onRemove}>
        <IconX size={16} />
      </ActionIcon>
    </div>
  );
}

function Value({ test, field, onChange }: { test: Test; field: ConditionField; onChange: (test: Test) => void }) {
  const { t } = useTranslation('settings');
  const words = useWords();
  const choices = words.choices(field);
  const common = { size: 'xs', 'aria-label': t('rules.valueLabel') } as const;
  if (test.op === 'exists') return null;
  if (kindOf(field) === 'checkbox') {
    return (
      <Select {...common} allowDeselect={false} data={[{ value: 'true', label: t('rules.true') }, { value: 'false', label: t('rules.false') }]} value={String(test.value)} onChange={(value) => onChange({ ...test, value: value === 'true' })} />
    );
  }
  if (Array.isArray(test.value)) {
    const change = (value: string[]) => onChange({ ...test, value });
    return choices.length > 0 ? <MultiSelect {...common} data={choices} value={test.value} onChange={change} /> : <TagsInput {...common} value={test.value} onChange={change} />;
  }
  const value = String(test.value ?? '');
  if (choices.length > 0) return <Select {...common} allowDeselect={false} searchable data={choices} value={value || null} onChange={(next) => next && onChange({ ...test, value: next })} />;
  return <TextInput {...common} {...inDir(value ? 'auto' : undefined)} maxLength={200} value={value} onChange={(event) => onChange({ ...test, value: event.target.value })} data-testid="test-value" />;
}
