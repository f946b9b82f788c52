import { IconPhotoOff, IconPlayerPlayFilled } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attachment } from '~/shared/api/types';
import type { ThreadMessage } from '~/shared/realtime/store';
import { useThread } from '../context';
import css from './Media.module.css';

const widest = 300;
const tallest = 320;
const smallest = 96;

/** The size of a picture in the thread, known before it has loaded so that nothing jumps. */
export function boxOf({ width = 0, height = 0 }: Pick<Attachment, 'width' | 'height'>): { inlineSize: number; blockSize: number } {
  if (!width || !height) return { inlineSize: 240, blockSize: 180 };
  const scale = Math.min(1, widest / width, tallest / height);
  const inlineSize = Math.max(smallest, Math.round(width * scale));
  // Panoramas and long screenshots are cropped, not shrunk to a line.
  const ratio = Math.min(3, Math.max(0.5, width / height));
  return { inlineSize, blockSize: Math.round(inlineSize / ratio) };
}

function Unavailable({ attachment }: { attachment: Attachment }) {
  const { t } = useTranslation('thread');
  const failed = attachment.state === 'failed';
  return (
    <span className={css.unavailable} data-state={attachment.state}>
      {failed && <IconPhotoOff size={22} stroke={1.5} aria-hidden />}
      {failed ? attachment.error || t('media.failed') : t('media.pending')}
    </span>
  );
}

interface Props {
  message: ThreadMessage;
  attachment: Attachment;
  /** Fills the cell of an album instead of its own size. */
  cell?: boolean;
}

export function Picture({ message, attachment, cell }: Props) {
  const { t } = useTranslation('thread');
  const { view } = useThread();
  const [broken, setBroken] = useState(false);
  const style = cell ? undefined : boxOf(attachment);
  const ready = attachment.state !== 'pending' && attachment.state !== 'failed' && attachment.url && !broken;
  if (!ready) {
    return (
      <span className={css.picture} style={style}>
        <Unavailable attachment={broken ? { ...attachment, state: 'failed' } : attachment} />
      </span>
    );
  }
  const video = attachment.kind === 'video';
  return (
    <button type="button" className={css.picture} style={style} aria-label={t(video ? 'media.playVideo' : 'media.openPhoto')} onClick={() => view(message, attachment)}>
      {video && !attachment.thumbnail_url ? (
        <video src={`${attachment.url}#t=0.1`} preload="metadata" muted tabIndex={-1} />
      ) : (
        <img src={attachment.thumbnail_url || attachment.url} alt={message.text || attachment.name || ''} loading="lazy" decoding="async" onError={() => setBroken(true)} />
      )}
      {video && (
        <span className={css.play}>
          <IconPlayerPlayFilled size={22} aria-hidden />
        </span>
      )}
    </button>
  );
}

/** Several pictures as one block; what does not fit is counted on the last cell. */
export function Album({ parts }: { parts: { message: ThreadMessage; attachment: Attachment }[] }) {
  const shown = parts.slice(0, 4);
  const more = parts.length - shown.length;
  return (
    <div className={css.album} data-count={shown.length}>
      {shown.map(({ message, attachment }, i) => (
        <div key={attachment.id} className={css.cell}>
          <Picture message={message} attachment={attachment} cell />
          {more > 0 && i === shown.length - 1 && <span className={css.more}>+{more}</span>}
        </div>
      ))}
    </div>
  );
}

export function Sticker({ attachment }: { attachment: Attachment }) {
  const { t } = useTranslation('thread');
  if (attachment.state === 'pending' || attachment.state === 'failed' || !attachment.url) {
    return (
      <span className={css.sticker}>
        <Unavailable attachment={attachment} />
      </span>
    );
  }
  return <img className={css.sticker} src={attachment.url} alt={t('media.sticker')} loading="lazy" decoding="async" />;
}
