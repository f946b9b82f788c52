import { Button, Switch } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { deviceState, tryDevice, turnOff, turnOn, type DeviceState } from '~/shared/notify/device/push';
import { useLive } from '~/shared/realtime/store';
import { toastDone, toastError } from '~/shared/ui/toast';
import table from './Notifications.module.css';

/** Whether this device is told while Wasl is closed. What hinders it is said. */
export function ThisDevice() {
  const { t } = useTranslation('settings');
  const myId = useLive((s) => s.me?.user.id ?? '');
  const [state, setState] = useState<DeviceState | null>(null);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState(false);
  useEffect(() => {
    const look = () => void deviceState(myId).then(setState);
    look();
    window.addEventListener('focus', look); // what the browser allows is changed elsewhere
    return () => window.removeEventListener('focus', look);
  }, [myId]);
  const turn = async (on: boolean) => {
    setBusy(true);
    setTrouble(false);
    try {
      if (on) await turnOn(myId);
      else await turnOff();
    } catch {
      setTrouble(true); // the browser's push service, or the gateway, is out of reach
    } finally {
      setState(await deviceState(myId));
      setBusy(false);
    }
  };
  const attempt = () => tryDevice().then(() => toastDone(t('device.tried')), (cause: unknown) => toastError(cause));
  const hindered = state === 'unsupported' || state === 'install' || state === 'blocked';
  return (
    <div className={table.device} data-testid="this-device" data-state={state ?? 'unknown'}>
      <Switch
        label={t('device.label')}
        description={state && t(`device.${state}`)}
        checked={state === 'on'}
        disabled={state === null || hindered || busy}
        onChange={({ currentTarget }) => void turn(currentTarget.checked)}
        data-testid="device-switch"
      />
      {state === 'on' && (
        <Button size="xs" variant="default" onClick={() => void attempt()} data-testid="device-test">
          {t('device.test')}
        </Button>
      )}
      {trouble && (
        <p className={table.hint} role="alert">
          {t('device.trouble')}
        </p>
      )}
    </div>
  );
}
