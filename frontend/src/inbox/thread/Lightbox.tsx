import { IconChevronLeft, IconChevronRight, IconDownload, IconX } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attachment } from '~/shared/api/types';
import { formatDateTime } from '~/shared/i18n/format';
import type { ThreadMessage } from '~/shared/realtime/store';
import css from './Lightbox.module.css';

interface Props {
  items: ThreadMessage[];
  /** The attachment that was pressed. */
  at: string;
  close: () => void;
}

const visible = (a: Attachment) => (a.kind === 'image' || a.kind === 'video') && a.state !== 'pending' && a.state !== 'failed' && !!a.url;

/** The pictures and films of the conversation, one at a time on the whole screen. */
export function Lightbox({ items, at, close }: Props) {
  const { t, i18n } = useTranslation(['thread', 'common']);
  const dialog = useRef<HTMLDialogElement>(null);
  const all = useMemo(() => items.filter((m) => !m.deleted_at).flatMap((message) => message.attachments.filter(visible).map((attachment) => ({ message, attachment }))), [items]);
  const [current, setCurrent] = useState(at);
  const [zoomed, setZoomed] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const index = all.findIndex((p) => p.attachment.id === current);
  const shown = all[index];
  if (!shown) return null;
  const step = (by: number) => {
    const next = all[index + by];
    if (!next) return;
    setZoomed(false);
    setCurrent(next.attachment.id);
  };
  const forward = i18n.dir() === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  const back = i18n.dir() === 'rtl' ? 'ArrowRight' : 'ArrowLeft';
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.key === forward) step(1);
    if (e.key === back) step(-1);
  };
  const { message, attachment } = shown;
  const url = attachment.url ?? '';
  return (
    <dialog ref={dialog} className={css.dialog} aria-label={t('media.viewer')} onClose={close} onKeyDown={onKeyDown} data-testid="lightbox">
      <header className={css.bar}>
        <span><bdi>{message.author.name}</bdi> · {formatDateTime(message.sent_at)}</span>
        <a href={url.startsWith('/') ? `${url}?download=1` : url} download={attachment.name ?? true} aria-label={t('media.download', { name: attachment.name ?? '' })}>
          <IconDownload size={20} stroke={1.7} />
        </a>
        <button type="button" onClick={() => dialog.current?.close()} aria-label={t('common:action.close')}>
          <IconX size={20} stroke={1.7} />
        </button>
      </header>
      <div className={css.stage} data-zoomed={zoomed || undefined}>
        {attachment.kind === 'video' ? (
          // eslint-disable-next-line jsx-a11y/media-has-caption -- customers' films have none
          <video key={attachment.id} src={url} controls autoPlay />
        ) : (
          <button type="button" className={css.zoom} aria-label={t('media.zoom')} aria-pressed={zoomed} onClick={() => setZoomed(!zoomed)}>
            <img key={attachment.id} src={url} alt={message.text || attachment.name || ''} />
          </button>
        )}
      </div>
      {index > 0 && (
        <button type="button" className={css.previous} onClick={() => step(-1)} aria-label={t('media.previous')}>
          <IconChevronLeft size={26} className="mirror" />
        </button>
      )}
      {index < all.length - 1 && (
        <button type="button" className={css.next} onClick={() => step(1)} aria-label={t('media.next')}>
          <IconChevronRight size={26} className="mirror" />
        </button>
      )}
      {message.text && <p className={css.caption} dir="auto">{message.text}</p>}
    </dialog>
  );
}
