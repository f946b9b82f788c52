import { IconBrandInstagram, IconBrandMessenger, IconBrandWhatsapp, IconMail, IconDeviceMobileMessage, IconWorld } from '@tabler/icons-react';
import { useState } from 'react';
import type { ChannelKind } from '~/shared/api/types';
import css from './Avatar.module.css';

const icons = {
  whatsapp: IconBrandWhatsapp,
  messenger: IconBrandMessenger,
  instagram: IconBrandInstagram,
  sms: IconDeviceMobileMessage,
  email: IconMail,
  widget: IconWorld,
} satisfies Record<ChannelKind, unknown>;

export function ChannelIcon({ kind, size = 14 }: { kind: ChannelKind; size?: number }) {
  const Icon = icons[kind];
  return <Icon size={size} stroke={1.8} aria-hidden />;
}

/** The first letters of up to two words; a nameless phone number shows its last two digits. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter((w) => /\p{L}/u.test(w));
  if (words.length === 0) return name.replace(/\D/g, '').slice(-2) || '?';
  const first = (word: string) => /\p{L}/u.exec(word)?.[0] ?? '';
  return words.slice(0, 2).map(first).join('').toUpperCase();
}

/** A steady hue for an id. */
function hue(id: string): number {
  let hash = 0;
  for (let i = 0; i < id.length; i++) hash = (hash * 31 + id.charCodeAt(i)) | 0;
  // The golden ratio spreads ids that follow one another over the whole circle.
  return Math.round(((Math.abs(hash) * 0.618034) % 1) * 24) * 15;
}

interface Props {
  id: string;
  name: string;
  url?: string;
  size?: number;
  channel?: ChannelKind;
  /** A colleague's presence as a dot. */
  presence?: string;
}

export function Avatar({ id, name, url, size = 36, channel, presence }: Props) {
  const [broken, setBroken] = useState('');
  return (
    <span className={css.avatar} style={{ '--size': `${size}px`, '--hue': hue(id) } as React.CSSProperties} aria-hidden>
      {url && url !== broken ? <img src={url} alt="" loading="lazy" onError={() => setBroken(url)} /> : <span className={css.letters} data-letters={initials(name)} />}
      {channel && (
        <span className={css.channel} data-kind={channel}>
          <ChannelIcon kind={channel} size={12} />
        </span>
      )}
      {presence && <span className={css.presence} data-presence={presence} />}
    </span>
  );
}
