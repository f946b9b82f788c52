import { IconFile, IconMicrophone, IconMusic, IconRefresh, IconVideo, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { formatBytes } from '~/shared/i18n/format';
import { errorText } from '~/shared/ui/errors';
import { AudioPlayer } from '../thread/content/AudioPlayer';
import css from './UploadStrip.module.css';
import { removeUpload, retryUpload, type Upload } from './uploads';

const icons = { image: IconFile, sticker: IconFile, document: IconFile, video: IconVideo, audio: IconMusic, voice: IconMicrophone };

function Picture({ upload }: { upload: Upload }) {
  if (upload.mime.startsWith('image/')) return <img src={upload.preview} alt="" />;
  const Icon = icons[upload.kind];
  return <Icon size={22} stroke={1.5} aria-hidden />;
}

/** What stands under a file's name: how far it is, or what is wrong with it. */
function Note({ upload }: { upload: Upload }) {
  const { t } = useTranslation('composer');
  switch (upload.state) {
    case 'refused':
      return <span data-bad>{t(`file.${upload.refusal?.reason ?? 'type'}`, { max: formatBytes(upload.refusal?.max ?? 0) })}</span>;
    case 'failed':
      return <span data-bad>{errorText(upload.error).title}</span>;
    case 'uploading':
      return <progress value={upload.progress} max={1} aria-label={t('file.uploading')} />;
    case 'ready':
      return <span>{upload.instead ? t('file.asDocument') : formatBytes(upload.file.size)}</span>;
  }
}

/** The files that go with the next message. */
export function UploadStrip({ conversationId, uploads, textApart }: { conversationId: string; uploads: Upload[]; textApart: boolean }) {
  const { t } = useTranslation(['composer', 'common']);
  if (uploads.length === 0) return null;
  return (
    <div className={css.strip}>
      <ul>
        {uploads.map((upload) => (
          <li key={upload.key} className={css.file} data-state={upload.state} data-testid="upload">
            {upload.kind === 'voice' || upload.kind === 'audio' ? (
              <AudioPlayer url={upload.preview} voice={upload.kind === 'voice'} />
            ) : (
              <span className={css.picture}><Picture upload={upload} /></span>
            )}
            <span className={css.facts}>
              {upload.kind !== 'voice' && <strong dir="auto" title={upload.file.name}>{upload.file.name}</strong>}
              <Note upload={upload} />
            </span>
            {upload.state === 'failed' && (
              <button type="button" onClick={() => retryUpload(conversationId, upload.key)} aria-label={t('common:action.retry')} title={t('common:action.retry')}>
                <IconRefresh size={16} />
              </button>
            )}
            <button type="button" onClick={() => removeUpload(conversationId, upload.key)} aria-label={t('file.remove', { name: upload.file.name })} title={t('file.remove', { name: upload.file.name })}>
              <IconX size={16} />
            </button>
          </li>
        ))}
      </ul>
      {textApart && <small>{t('file.textApart')}</small>}
    </div>
  );
}
