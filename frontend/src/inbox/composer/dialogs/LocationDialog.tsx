import { Button, TextInput } from '@mantine/core';
import { IconCurrentLocation, IconSend } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sendMessage } from '~/shared/realtime/outbox';
import { inDir } from '~/shared/ui/inDir';
import { Place } from '../../thread/content/Place';
import css from './Dialogs.module.css';
import type { DialogProps } from './Dialogs';
import { parsePoint } from './point';

export default function LocationDialog({ conversation, close }: DialogProps) {
  const { t } = useTranslation('composer');
  const [point, setPoint] = useState('');
  const [name, setName] = useState('');
  const [address, setAddress] = useState('');
  const [tried, setTried] = useState(false);
  const found = parsePoint(point);
  const location = found && { ...found, ...(name.trim() && { name: name.trim() }), ...(address.trim() && { address: address.trim() }) };
  const here = () => navigator.geolocation?.getCurrentPosition((p) => setPoint(`${p.coords.latitude.toFixed(6)}, ${p.coords.longitude.toFixed(6)}`), () => setTried(true));
  return (
    <form
      className={css.column}
      onSubmit={(e) => {
        e.preventDefault();
        setTried(true);
        if (!location) return;
        sendMessage(conversation, { type: 'location', location });
        close();
      }}
    >
      <div className={css.row}>
        <TextInput
          data-autofocus
          label={t('location.point')}
          description={t('location.hint')}
          placeholder="32.0853, 34.7818"
          dir="ltr"
          value={point}
          error={tried && !location && t('location.invalid')}
          onChange={(e) => setPoint(e.target.value)}
          data-testid="location-point"
        />
      </div>
      <Button variant="subtle" size="xs" style={{ alignSelf: 'flex-start' }} leftSection={<IconCurrentLocation size={16} />} onClick={here}>{t('location.here')}</Button>
      <TextInput label={t('location.name')} value={name} {...inDir(name ? 'auto' : undefined)} onChange={(e) => setName(e.target.value)} />
      <TextInput label={t('location.address')} value={address} {...inDir(address ? 'auto' : undefined)} onChange={(e) => setAddress(e.target.value)} />
      {location && <div className={css.phone}><div className={css.bubble}><Place location={location} /></div></div>}
      <div className={css.foot}>
        <Button variant="default" onClick={close}>{t('cancel')}</Button>
        <Button type="submit" rightSection={<IconSend size={16} className="mirror" />} data-testid="location-send">{t('send')}</Button>
      </div>
    </form>
  );
}
