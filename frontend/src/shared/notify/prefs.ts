import { storedChoice } from '~/shared/lib/stored';

/** What is of this device alone. sound and desktop are choices from before they were kept by the gateway; settings.ts moves them there. */
export interface NotifyPrefs {
  /** Whether the person has heard the sound once, so that a silent device is noticed on the first day. */
  tested: boolean;
  sound?: 'mine' | 'all' | 'off';
  desktop?: boolean;
  /** Whom this device is told of while Wasl is closed: the id of the person who chose it. */
  pushed?: string;
}

export const [useNotifyPrefs, setNotifyPrefs, notifyPrefs] = storedChoice<NotifyPrefs>('wasl.notify', { tested: false });
