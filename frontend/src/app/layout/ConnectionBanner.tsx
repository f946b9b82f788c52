import { Button } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { reconnect } from '~/shared/realtime/live';
import { useConnection, useLive } from '~/shared/realtime/store';
import css from './Shell.module.css';

/** A short break is nobody's business; the banner comes after this. */
const patience = 1500;

/** Says the true state of the line and how much waits for it. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const connection = useConnection();
  const waiting = useLive((s) => s.waiting);
  const unkept = useLive((s) => s.unkept > 0);
  const [late, setLate] = useState(false);
  const down = connection !== 'live';
  useEffect(() => {
    if (!down) return setLate(false);
    const timer = setTimeout(() => setLate(true), patience);
    return () => clearTimeout(timer);
  }, [down]);
  if (!down || (!late && connection !== 'offline')) return null;
  return (
    <div className={css.banner} role="status" data-state={connection} data-testid="conn-banner">
      <IconCloudOff size={18} stroke={1.7} aria-hidden />
      <span>
        {t(`connection.${connection}`)}
        {waiting > 0 && ` · ${t('connection.waiting', { count: waiting })}`}
        {unkept && ` · ${t('connection.unkept')}`}
      </span>
      {connection === 'reconnecting' && (
        <Button size="compact-xs" variant="default" className={css.bannerAction} onClick={reconnect}>
          {t('connection.retry')}
        </Button>
      )}
    </div>
  );
}
