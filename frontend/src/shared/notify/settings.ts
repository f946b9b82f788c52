/** How this person wants to be told of things: kept by the gateway, so that it is the same on every device. */
import { useEffect } from 'react';
import { $api, api, bodyOf } from '~/shared/api/client';
import { queryClient } from '~/shared/api/queries';
import type { KeptSettings, NotifySettings, Quiet } from '~/shared/api/types';
import { setNotifyPrefs, useNotifyPrefs, type NotifyPrefs } from './prefs';

const query = $api.queryOptions('get', '/api/v1/me/notification-settings', {}, { staleTime: Infinity });

export const useNotifySettings = () => $api.useQuery('get', '/api/v1/me/notification-settings', {}, { staleTime: Infinity });

/** As last loaded; until then, and where that failed, the sounds that nobody has turned off. */
export function notifySettings(): NotifySettings {
  return queryClient.getQueryData<KeptSettings>(query.queryKey) ?? usual;
}

const loud = { in_app: true, sound: true, desktop: false, push: true };
const call = { sound: true, desktop: false };
export const usual: NotifySettings = {
  events: { assigned: loud, sla_warning: loud, sla_breached: loud, mention: { ...loud, sound: false }, waiting: loud, reminder: loud, other: { ...loud, sound: false, push: false }, offered: call, message: call },
  messages: 'mine',
};

export async function saveNotifySettings({ events, messages, quiet_hours }: NotifySettings): Promise<void> {
  queryClient.setQueryData(query.queryKey, await bodyOf(api.PUT('/api/v1/me/notification-settings', { body: { events, messages, quiet_hours } })));
}

/** The settings with what somebody chose on a device before they were kept by the gateway. */
export function withOldChoices(settings: NotifySettings, { sound, desktop }: NotifyPrefs): NotifySettings {
  const events = structuredClone(settings.events);
  for (const ways of Object.values(events)) {
    if (sound === 'off') ways.sound = false;
    if (desktop) ways.desktop = ways !== events.other;
  }
  return { ...settings, events, messages: sound === 'all' ? 'all' : settings.messages };
}

/** Moves what was chosen on this device to the gateway, once; what was chosen there since counts more. */
export function useMovedChoices(): void {
  const { data } = useNotifySettings();
  const prefs = useNotifyPrefs();
  useEffect(() => {
    if (!data || prefs.sound === undefined) return;
    const forget = () => setNotifyPrefs({ tested: prefs.tested, pushed: prefs.pushed });
    if (data.chosen || (prefs.sound === 'mine' && !prefs.desktop)) forget();
    else void saveNotifySettings(withOldChoices(data, prefs)).then(forget, () => undefined); // tried again at the next start
  }, [data, prefs]);
}

/** Whether a time is in quiet hours: by the wall clock of their zone; over midnight they belong to the day on which they begin. */
export function isQuiet(quiet: Quiet | undefined, at: number): boolean {
  if (!quiet) return false;
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: quiet.zone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((p) => p.type === type)?.value ?? '';
  const now = `${part('hour')}:${part('minute')}`;
  const today = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(part('weekday'));
  const begun = (day: number) => !quiet.days?.length || quiet.days.includes(day);
  if (quiet.from < quiet.to) return begun(today) && quiet.from <= now && now < quiet.to;
  return (begun(today) && quiet.from <= now) || (begun((today + 6) % 7) && now < quiet.to);
}
