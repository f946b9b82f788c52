import { IconDownload, IconFileAlert } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Attachment } from '~/shared/api/types';
import { formatBytes } from '~/shared/i18n/format';
import css from './Cards.module.css';

/** Up to four letters that say what a file is. */
export function extension(name: string | undefined, mime: string): string {
  const dot = /\.([A-Za-z0-9]{1,5})$/.exec(name ?? '')?.[1];
  return (dot ?? mime.split('/').pop()?.split(/[.+-]/).pop() ?? '').slice(0, 4).toUpperCase();
}

export function Document({ attachment }: { attachment: Attachment }) {
  const { t } = useTranslation('thread');
  const { state, url, name, mime, size } = attachment;
  const title = name || t('media.document');
  const facts = (
    <span className={css.body}>
      <strong dir="auto" title={title}>{title}</strong>
      <span className={css.dim}>
        {state === 'failed' ? attachment.error || t('media.failed') : state === 'pending' ? t('media.pending') : size ? formatBytes(size) : mime}
      </span>
    </span>
  );
  if (state === 'failed' || state === 'pending' || !url) {
    return (
      <div className={css.card}>
        <span className={css.icon}>{state === 'failed' ? <IconFileAlert size={20} stroke={1.6} aria-hidden /> : extension(name, mime)}</span>
        {facts}
      </div>
    );
  }
  const download = url.startsWith('/') ? `${url}${url.includes('?') ? '&' : '?'}download=1` : url;
  return (
    <div className={css.card}>
      <a className={css.card} href={url} target="_blank" rel="noreferrer noopener">
        <span className={css.icon} aria-hidden>{extension(name, mime)}</span>
        {facts}
      </a>
      <a className={css.action} href={download} download={name ?? true} aria-label={t('media.download', { name: title })} title={t('media.download', { name: title })}>
        <IconDownload size={18} stroke={1.7} />
      </a>
    </div>
  );
}
