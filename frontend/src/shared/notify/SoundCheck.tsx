import { Select, Switch } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { setNotifyPrefs, useNotifyPrefs, type NotifyPrefs } from './prefs';
import css from './SoundCheck.module.css';
import { SoundTest } from './SoundTest';

const sounds: NotifyPrefs['sound'][] = ['mine', 'all', 'off'];

/** The sound, and the choices about it and about desktop notifications. */
export function SoundCheck() {
  const { t } = useTranslation();
  const prefs = useNotifyPrefs();
  const [denied, setDenied] = useState(false);

  const allow = async (on: boolean) => {
    const granted = on && 'Notification' in window && (await Notification.requestPermission()) === 'granted';
    setDenied(on && !granted);
    setNotifyPrefs({ ...prefs, desktop: granted });
  };

  return (
    <div className={css.check}>
      <SoundTest />
      <Select
        size="xs"
        label={t('notify.sound')}
        allowDeselect={false}
        data={sounds.map((value) => ({ value, label: t(`notify.sounds.${value}`) }))}
        value={prefs.sound}
        onChange={(value) => setNotifyPrefs({ ...prefs, sound: sounds.find((s) => s === value) ?? 'mine' })}
      />
      <Switch label={t('notify.desktop')} checked={prefs.desktop} onChange={(event) => void allow(event.target.checked)} />
      {denied && (
        <p className={css.hint} role="status">
          {t('notify.denied')}
        </p>
      )}
    </div>
  );
}
