import { Select, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NotifySettings, Quiet } from '~/shared/api/types';
import { formatWeekday } from '~/shared/i18n/format';
import { saveNotifySettings, useNotifySettings } from '~/shared/notify/settings';
import { SoundTest } from '~/shared/notify/SoundTest';
import { ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { toastError } from '~/shared/ui/toast';
import { ownZone } from './hours';
import table from './Notifications.module.css';
import css from './Settings.module.css';
import { ThisDevice } from './ThisDevice';

const events = ['message', 'offered', 'assigned', 'mention', 'waiting', 'reminder', 'sla_warning', 'sla_breached', 'other'] as const;
const ways = ['in_app', 'sound', 'desktop', 'push'] as const;
type Way = (typeof ways)[number];

/** How I want to be told of what happens. What is chosen is kept at once. */
export function Notifications() {
  const { t } = useTranslation(['settings', 'common']);
  const settings = useNotifySettings();
  const [denied, setDenied] = useState(false);
  const save = (change: Partial<NotifySettings>) => {
    if (settings.data) void saveNotifySettings({ ...settings.data, ...change }).catch((cause: unknown) => toastError(cause));
  };
  const choose = async (event: (typeof events)[number], way: Way, on: boolean) => {
    if (!settings.data) return;
    const allowed = way !== 'desktop' || !on || ('Notification' in window && (await Notification.requestPermission()) === 'granted');
    setDenied(!allowed);
    if (allowed) save({ events: { ...settings.data.events, [event]: { ...settings.data.events[event], [way]: on } } });
  };
  const scopes = (['mine', 'all'] as const).map((value) => ({ value, label: t(`notices.scope.${value}`) }));
  return (
    <section className={css.group} data-testid="notifications">
      <h3>{t('notices.title')}</h3>
      <div className={css.form}>
        <p className={table.hint}>{t('notices.test')}</p>
        <SoundTest />
        <ThisDevice />
      </div>
      {settings.isPending && <SkeletonRows rows={4} height={36} />}
      {settings.isError && <ErrorRetry error={settings.error} retry={() => void settings.refetch()} />}
      {settings.data && (
        <>
          <div className={table.scroll}>
            <table className={table.table}>
              <thead>
                <tr>
                  <th scope="col">{t('notices.event')}</th>
                  {ways.map((way) => (
                    <th key={way} scope="col">
                      {t(`notices.ways.${way}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {events.map((event) => {
                  const chosen: Partial<Record<Way, boolean>> = settings.data.events[event] ?? {};
                  return (
                    <tr key={event}>
                      <th scope="row">{t(`notices.events.${event}`)}</th>
                      {ways.map((way) => (
                        <td key={way}>
                          {way in chosen ? (
                            <Switch
                              aria-label={`${t(`notices.events.${event}`)}: ${t(`notices.ways.${way}`)}`}
                              checked={chosen[way]}
                              onChange={({ currentTarget }) => void choose(event, way, currentTarget.checked)}
                              data-testid={`notify-${event}-${way}`}
                            />
                          ) : way === 'push' ? null : (
                            <span className={table.always} role="img" aria-label={t('notices.shown')} title={t('notices.shown')}>
                              ✓
                            </span>
                          )}
                        </td>
                      ))}
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
          <div className={css.form}>
            {denied && (
              <p className={table.hint} role="alert">
                {t('common:notify.denied')}
              </p>
            )}
            <Select
              label={t('notices.messages')}
              allowDeselect={false}
              data={scopes}
              value={settings.data.messages}
              onChange={(value) => save({ messages: value === 'all' ? 'all' : 'mine' })}
            />
            <QuietHours quiet={settings.data.quiet_hours} save={(quiet_hours) => save({ quiet_hours })} />
          </div>
        </>
      )}
    </section>
  );
}

/** The hours in which nothing is heard. Times that are being typed are kept once they mean something. */
function QuietHours({ quiet, save }: { quiet: Quiet | undefined; save: (quiet: Quiet | undefined) => void }) {
  const { t } = useTranslation('settings');
  const [times, setTimes] = useState({ from: quiet?.from ?? '22:00', to: quiet?.to ?? '07:00' });
  const type = (change: Partial<typeof times>) => {
    const next = { ...times, ...change };
    setTimes(next);
    if (quiet && next.from && next.to && next.from !== next.to) save({ ...quiet, ...next });
  };
  const days = quiet?.days?.length ? quiet.days : [0, 1, 2, 3, 4, 5, 6];
  /** At least one day stays. */
  const chooseDay = (day: number, on: boolean) => {
    const chosen = on ? [...days, day] : days.filter((d) => d !== day);
    if (quiet && chosen.length > 0) save({ ...quiet, days: chosen.sort() });
  };
  return (
    <>
      <Switch
        label={t('notices.quiet')}
        description={t('notices.quietHint')}
        checked={!!quiet}
        onChange={({ currentTarget }) => save(currentTarget.checked ? { ...times, zone: ownZone() } : undefined)}
        data-testid="quiet-hours"
      />
      {quiet && (
        <>
          <div className={table.times}>
            <TextInput type="time" label={t('notices.from')} value={times.from} onChange={({ currentTarget }) => type({ from: currentTarget.value })} data-testid="quiet-from" />
            <TextInput
              type="time"
              label={t('notices.to')}
              value={times.to}
              error={times.from === times.to ? t('notices.same') : undefined}
              onChange={({ currentTarget }) => type({ to: currentTarget.value })}
              data-testid="quiet-to"
            />
          </div>
          <Select
            label={t('notices.zone')}
            dir="ltr"
            searchable
            allowDeselect={false}
            limit={100}
            data={[...new Set([quiet.zone, ...Intl.supportedValuesOf('timeZone')])]}
            value={quiet.zone}
            onChange={(zone) => zone && save({ ...quiet, zone })}
          />
          <div role="group" aria-label={t('notices.days')} className={table.days}>
            <span>{t('notices.days')}</span>
            {[0, 1, 2, 3, 4, 5, 6].map((day) => (
              <Switch key={day} size="xs" label={formatWeekday(day)} checked={days.includes(day)} onChange={({ currentTarget }) => chooseDay(day, currentTarget.checked)} />
            ))}
          </div>
        </>
      )}
    </>
  );
}
