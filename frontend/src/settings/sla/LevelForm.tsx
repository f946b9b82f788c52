import { Alert, Button, Modal, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '~/shared/api/client';
import { invalidate, useHours } from '~/shared/api/queries';
import type { ConditionField, Policy } from '~/shared/api/types';
import { toastDone, toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import { NumberField } from '../NumberField';
import css from '../Settings.module.css';
import { complete, testsOf, whenOf, type Tests } from '../rules/condition';
import { ConditionBuilder } from '../rules/ConditionBuilder';
import own from '../rules/Rules.module.css';
import { metrics, minutesOf, mostMinutes, ready, type Minutes } from './levels';

const seenAs = (level: Policy) => ({ path: { id: level.id }, header: { 'If-Match': `"${level.version}"` } });

export function LevelForm({ level, fields, onClose }: { level: Policy | null; fields: ConditionField[]; onClose: () => void }) {
  const { t } = useTranslation(['settings', 'common']);
  const hours = useHours().data ?? [];
  const [name, setName] = useState(level?.name ?? '');
  const [tests, setTests] = useState<Tests | null>(level ? testsOf(level.when, fields) : { match: 'all', tests: [] });
  const [minutes, setMinutes] = useState<Minutes>(minutesOf(level));
  const [hoursId, setHoursId] = useState(level?.business_hours_id ?? '');
  const [warn, setWarn] = useState<number | ''>(level?.warn_at_percent ?? 80);
  const [busy, setBusy] = useState(false);
  const fit = name.trim() !== '' && ready(minutes) && warn !== '' && warn >= 1 && warn <= 100 && (!tests || complete(tests));
  const attempt = async (make: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await make();
      toastDone(t('saved'));
      onClose();
    } catch (cause) {
      toastError(cause);
      if (cause instanceof ApiError && cause.code === 'changed_meanwhile') onClose();
    } finally {
      setBusy(false);
      await invalidate('/api/v1/sla-policies');
    }
  };
  const save = () => {
    const body = {
      name: name.trim(), first_answer_minutes: minutes.first_answer || 0, next_answer_minutes: minutes.next_answer || 0, resolution_minutes: minutes.resolution || 0,
      business_hours_id: hoursId, warn_at_percent: Number(warn), ...(tests && { when: whenOf(tests) }),
    };
    return attempt(() =>
      level ? api.PATCH('/api/v1/sla-policies/{id}', { params: seenAs(level), body }) : api.POST('/api/v1/sla-policies', { body: { ...body, when: whenOf(tests ?? { match: 'all', tests: [] }) } }),
    );
  };
  return (
    <Modal opened onClose={onClose} size={640} title={level ? <bdi>{level.name}</bdi> : t('sla.add')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <form
        className={css.wideForm}
        onSubmit={(event) => {
          event.preventDefault();
          if (fit) void save();
        }}
      >
        <TextInput label={t('profile.name')} {...inDir('auto')} required maxLength={120} data-autofocus value={name} onChange={(event) => setName(event.target.value)} data-testid="level-name" />
        {tests ? <ConditionBuilder value={tests} fields={fields} onChange={setTests} /> : <Alert color="yellow">{t('rules.complexHelp')}</Alert>}
        <div className={own.then}>
          <h3>{t('sla.promise')}</h3>
          <div className={own.pair}>
            {metrics.map((metric) => (
              <NumberField
                key={metric}
                label={t(`sla.metric.${metric}`)}
                description={t(`sla.about.${metric}`)}
                placeholder={t('sla.notPromised')}
                min={1}
                max={mostMinutes}
                rightSection={t('sla.minutes')}
                rightSectionWidth={56}
                value={minutes[metric]}
                onChange={(value) => setMinutes({ ...minutes, [metric]: value })}
                data-testid={`level-${metric}`}
              />
            ))}
            <NumberField label={t('sla.warn')} description={t('sla.warnHelp')} min={1} max={100} rightSection="%" value={warn} onChange={setWarn} data-testid="level-warn" />
          </div>
          <Select label={t('sla.hours')} placeholder={t('sla.allHours')} clearable data={hours.map(({ id, name: label }) => ({ value: id, label }))} value={hoursId || null} onChange={(id) => setHoursId(id ?? '')} data-testid="level-hours" />
        </div>
        <div className={css.actions}>
          <Button type="submit" loading={busy} disabled={!fit} data-testid="level-save">
            {t('common:action.save')}
          </Button>
          {level && (
            <Button variant="default" color="red" onClick={() => void attempt(() => api.DELETE('/api/v1/sla-policies/{id}', { params: seenAs(level) }))} data-testid="level-remove">
              {t('common:action.delete')}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}
