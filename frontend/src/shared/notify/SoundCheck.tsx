import { Button, Select, Switch } from '@mantine/core';
import { IconVolume } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { setNotifyPrefs, useNotifyPrefs, type NotifyPrefs } from './prefs';
import { chime } from './sound';
import css from './SoundCheck.module.css';

const sounds: NotifyPrefs['sound'][] = ['mine', 'all', 'off'];

/** Play, hear, confirm; and the choices about sound and desktop notifications. */
export function SoundCheck() {
  const { t } = useTranslation();
  const prefs = useNotifyPrefs();
  const [played, setPlayed] = useState<'no' | 'yes' | 'blocked' | 'unheard'>('no');
  const [denied, setDenied] = useState(false);

  const allow = async (on: boolean) => {
    const granted = on && 'Notification' in window && (await Notification.requestPermission()) === 'granted';
    setDenied(on && !granted);
    setNotifyPrefs({ ...prefs, desktop: granted });
  };
  const heard = () => {
    setPlayed('no');
    setNotifyPrefs({ ...prefs, tested: true });
  };

  return (
    <div className={css.check}>
      <div className={css.line}>
        <Button size="xs" variant="default" leftSection={<IconVolume size={16} />} onClick={() => void chime().then((ok) => setPlayed(ok ? 'yes' : 'blocked'))} data-testid="sound-play">
          {t('notify.play')}
        </Button>
        {played === 'yes' && (
          <>
            <span>{t('notify.heard')}</span>
            <Button size="compact-sm" variant="light" onClick={heard} data-testid="sound-heard">
              {t('notify.yes')}
            </Button>
            <Button size="compact-sm" variant="subtle" onClick={() => setPlayed('unheard')}>
              {t('notify.no')}
            </Button>
          </>
        )}
      </div>
      {(played === 'blocked' || played === 'unheard') && (
        <p className={css.hint} role="status">
          {t(`notify.${played}`)}
        </p>
      )}
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
