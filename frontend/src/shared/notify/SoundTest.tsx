import { Button } from '@mantine/core';
import { IconVolume } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { notifyPrefs, setNotifyPrefs } from './prefs';
import { chime } from './sound';
import css from './SoundTest.module.css';

/** Play, hear, confirm. */
export function SoundTest() {
  const { t } = useTranslation();
  const [played, setPlayed] = useState<'no' | 'yes' | 'blocked' | 'unheard'>('no');
  const heard = () => {
    setPlayed('no');
    setNotifyPrefs({ ...notifyPrefs(), tested: true });
  };
  return (
    <>
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
    </>
  );
}
