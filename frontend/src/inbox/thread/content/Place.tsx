import { IconMapPin } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Location } from '~/shared/api/types';
import { Ltr } from '~/shared/ui/Ltr';
import css from './Cards.module.css';

/** Where a click on a place leads: the sender's own link, else an open map. */
function mapLink({ latitude, longitude, url }: Location): string {
  if (url && /^https?:\/\//.test(url)) return url;
  return `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
}

/** A drawn piece of town with a pin: no map service learns whom we talk to. */
function DrawnMap() {
  return (
    <span className={css.drawn} aria-hidden>
      <svg viewBox="0 0 280 110" preserveAspectRatio="xMidYMid slice">
        <path d="M-10 88 C60 70 90 104 150 92 S250 96 300 76 V130 H-10Z" fill="#bcd9ec" />
        <path d="M188 8h58v34h-58zM20 12h44v26H20z" fill="#cfe0bd" />
        <g stroke="#fff" fill="none" strokeLinecap="round">
          <path d="M-10 52 C70 40 150 66 300 44" strokeWidth="9" />
          <path d="M96 -10 C102 40 88 70 110 130M176 -10 C170 30 186 66 172 130" strokeWidth="6" />
          <path d="M30 -10 L44 60M240 -10 L228 60M-10 20 L96 14M176 22 L300 10M50 60 L56 90" strokeWidth="3.5" />
        </g>
        <path d="M140 64 C128 46 123 40 123 31 a17 17 0 1 1 34 0 C157 40 152 46 140 64Z" fill="#d6452d" />
        <circle cx="140" cy="31" r="6.5" fill="#fff" />
      </svg>
    </span>
  );
}

export function Place({ location }: { location: Location }) {
  const { t } = useTranslation('thread');
  return (
    <a className={css.map} href={mapLink(location)} target="_blank" rel="noreferrer noopener">
      <DrawnMap />
      <span className={css.place}>
        {location.name && <strong dir="auto">{location.name}</strong>}
        {location.address && <span className={css.dim} dir="auto">{location.address}</span>}
        <span className={css.dim}>
          <IconMapPin size={12} stroke={1.8} aria-hidden /> <Ltr>{`${location.latitude.toFixed(5)}, ${location.longitude.toFixed(5)}`}</Ltr>
        </span>
        <span className={css.open}>{t('location.open')}</span>
      </span>
    </a>
  );
}
