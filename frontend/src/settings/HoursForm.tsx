import { ActionIcon, Button, Modal, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '~/shared/api/client';
import { invalidate } from '~/shared/api/queries';
import type { Hours } from '~/shared/api/types';
import { formatWeekday } from '~/shared/i18n/format';
import { toastDone, toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import { nextSpan, ownZone, usualWeek, weekOf, type Span, type Week } from './hours';
import css from './Settings.module.css';

const seenAs = (hours: Hours) => ({ path: { id: hours.id }, header: { 'If-Match': `"${hours.version}"` } });
/** Where people rest on Friday and Saturday. */
const fridays = ['Asia/Jerusalem', 'Asia/Tel_Aviv', 'Asia/Riyadh', 'Africa/Cairo', 'Asia/Amman', 'Asia/Kuwait', 'Asia/Qatar'];

export function HoursForm({ hours, onClose }: { hours: Hours | null; onClose: () => void }) {
  const { t } = useTranslation(['settings', 'common']);
  const [name, setName] = useState(hours?.name ?? '');
  const [zone, setZone] = useState(hours?.zone ?? ownZone());
  const [week, setWeek] = useState<Week>(hours ? weekOf(hours.week) : usualWeek(fridays.includes(ownZone()) ? [5, 6] : [0, 6]));
  const [holidays, setHolidays] = useState(hours?.holidays ?? []);
  const [busy, setBusy] = useState(false);
  const attempt = async (make: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await make();
      await invalidate('/api/v1/business-hours');
      toastDone(t('saved'));
      onClose();
    } catch (cause) {
      toastError(cause);
    } finally {
      setBusy(false);
    }
  };
  const save = () => {
    const body = { name: name.trim(), zone, week, holidays: holidays.filter(({ date }) => date) };
    return attempt(() => (hours ? api.PATCH('/api/v1/business-hours/{id}', { params: seenAs(hours), body }) : api.POST('/api/v1/business-hours', { body })));
  };
  return (
    <Modal opened onClose={onClose} size={520} title={hours ? <bdi>{hours.name}</bdi> : t('hours.add')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <form
        className={css.wideForm}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextInput label={t('profile.name')} {...inDir('auto')} required maxLength={120} data-autofocus value={name} onChange={(event) => setName(event.target.value)} data-testid="hours-name" />
        <Select label={t('hours.zone')} dir="ltr" searchable allowDeselect={false} limit={100} data={[...new Set([zone, ...Intl.supportedValuesOf('timeZone')])]} value={zone} onChange={(value) => value && setZone(value)} />
        <fieldset className={css.rows}>
          <legend className={css.label}>{t('hours.week')}</legend>
          {week.map((day, n) => (
            <Day key={n} name={formatWeekday(n)} spans={day} onChange={(spans) => setWeek(week.with(n, spans))} />
          ))}
        </fieldset>
        <fieldset className={css.rows}>
          <legend className={css.label}>{t('hours.holidays')}</legend>
          {holidays.map((holiday, n) => (
            <div key={n} className={css.row}>
              <TextInput type="date" aria-label={t('hours.date')} value={holiday.date} onChange={(event) => setHolidays(holidays.with(n, { ...holiday, date: event.target.value }))} />
              <TextInput className={css.grow} {...inDir('auto')} maxLength={120} aria-label={t('profile.name')} placeholder={t('profile.name')} value={holiday.name} onChange={(event) => setHolidays(holidays.with(n, { ...holiday, name: event.target.value }))} />
              <ActionIcon aria-label={t('hours.remove')} onClick={() => setHolidays(holidays.toSpliced(n, 1))}>
                <IconX size={17} />
              </ActionIcon>
            </div>
          ))}
          <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={15} />} onClick={() => setHolidays([...holidays, { date: '', name: '' }])}>
            {t('hours.addHoliday')}
          </Button>
        </fieldset>
        <div className={css.actions}>
          <Button type="submit" loading={busy} disabled={!name.trim()} data-testid="hours-save">
            {t('common:action.save')}
          </Button>
          {hours && (
            <Button variant="default" color="red" onClick={() => void attempt(() => api.DELETE('/api/v1/business-hours/{id}', { params: seenAs(hours) }))}>
              {t('common:action.delete')}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}

function Day({ name, spans, onChange }: { name: string; spans: Span[]; onChange: (spans: Span[]) => void }) {
  const { t } = useTranslation('settings');
  const time = (n: number, end: 0 | 1) => (
    <input
      type="time"
      className={css.time}
      aria-label={`${name}: ${t(end ? 'hours.to' : 'hours.from')}`}
      required
      value={spans[n]?.[end] ?? ''}
      onChange={(event) => onChange(spans.with(n, (spans[n] as Span).with(end, event.target.value) as Span))}
    />
  );
  return (
    <div className={css.day}>
      <span>{name}</span>
      <span className={css.spans}>
        {spans.length === 0 && <span className={css.help}>{t('hours.closed')}</span>}
        {spans.map((_, n) => (
          <span key={n} className={css.span}>
            {time(n, 0)}–{time(n, 1)}
            <ActionIcon size="sm" aria-label={`${name}: ${t('hours.remove')}`} onClick={() => onChange(spans.toSpliced(n, 1))}>
              <IconX size={15} />
            </ActionIcon>
          </span>
        ))}
      </span>
      <ActionIcon size="sm" aria-label={`${name}: ${t('hours.addSpan')}`} title={t('hours.addSpan')} onClick={() => onChange([...spans, nextSpan(spans)])}>
        <IconPlus size={16} />
      </ActionIcon>
    </div>
  );
}
