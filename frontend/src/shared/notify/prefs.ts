import { storedChoice } from '~/shared/lib/stored';

export interface NotifyPrefs {
  /** For which customers' messages there is a sound: those of my conversations and of nobody's, all, or none. */
  sound: 'mine' | 'all' | 'off';
  desktop: boolean;
  /** Whether the person has heard the sound once, so that a silent device is noticed on the first day. */
  tested: boolean;
}

export const [useNotifyPrefs, setNotifyPrefs, notifyPrefs] = storedChoice<NotifyPrefs>('wasl.notify', { sound: 'mine', desktop: false, tested: false });
