import { ActionIcon, Autocomplete, Button, FileButton, Modal, Textarea, TextInput } from '@mantine/core';
import { IconPaperclip, IconX } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '~/shared/api/client';
import { invalidate } from '~/shared/api/queries';
import type { CannedReply, UploadedMedia } from '~/shared/api/types';
import { variableName, variableNames } from '~/shared/desk/words';
import { languages } from '~/shared/i18n';
import { formatBytes } from '~/shared/i18n/format';
import { useMay } from '~/shared/realtime/store';
import { toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import css from '../Settings.module.css';
import desk from './Desk.module.css';
import { useSaving } from './save';
import { ScopeSelect } from './ScopeSelect';
import type { Scoped } from './scope';

const written = ['en', 'he', 'ar'] as const;
type Written = (typeof written)[number];
type Stored = Pick<UploadedMedia, 'id' | 'name' | 'size'>;

async function upload(file: File): Promise<UploadedMedia> {
  const form = new FormData();
  form.set('file', file, file.name);
  const answer = await fetch('/api/v1/media', { method: 'POST', body: form }).catch(() => null);
  const body: unknown = await answer?.json().catch(() => ({}));
  if (!answer?.ok) throw new ApiError(answer?.status ?? 0, body as object);
  return body as UploadedMedia;
}

interface Props {
  canned: CannedReply | null;
  folders: string[];
  onClose: () => void;
}

export function CannedForm({ canned, folders, onClose }: Props) {
  const { t } = useTranslation(['desk', 'common']);
  const manages = useMay('desk.manage');
  const [shortcut, setShortcut] = useState(canned?.shortcut ?? '');
  const [folder, setFolder] = useState(canned?.folder ?? '');
  const [scope, setScope] = useState<Scoped>(canned ?? { scope: manages ? 'all' : 'me' });
  const [text, setText] = useState<Record<Written, string>>({ en: '', he: '', ar: '', ...canned?.text });
  const [files, setFiles] = useState<Stored[]>(canned?.attachments ?? []);
  const [uploading, setUploading] = useState(0);
  const { busy, refused, attempt } = useSaving(onClose, () => invalidate('/api/v1/canned-replies'));
  const last = useRef<{ language: Written; start: number; end: number }>(null);
  const said = written.filter((language) => text[language].trim());
  const ready = shortcut.trim() !== '' && (said.length > 0 || files.length > 0) && uploading === 0;

  const put = (name: string) => {
    const { language, start, end } = last.current ?? { language: said[0] ?? 'en', start: Infinity, end: Infinity };
    setText((now) => ({ ...now, [language]: `${now[language].slice(0, start)}{{${name}}}${now[language].slice(end)}` }));
  };
  const add = async (chosen: File[]) => {
    setUploading((n) => n + chosen.length);
    for (const file of chosen) {
      try {
        const stored = await upload(file);
        setFiles((now) => [...now, stored]);
      } catch (cause) {
        toastError(cause);
      }
      setUploading((n) => n - 1);
    }
  };
  const save = () => {
    const body = {
      shortcut: shortcut.trim(), folder: folder.trim(), scope: scope.scope, ...(scope.scope === 'team' && { team_id: scope.team_id }),
      text: Object.fromEntries(said.map((language) => [language, text[language]])), attachments: files.map(({ id }) => id),
    };
    return attempt(() => (canned ? api.PATCH('/api/v1/canned-replies/{id}', { params: seenAs(canned), body }) : api.POST('/api/v1/canned-replies', { body })));
  };
  return (
    <Modal opened onClose={onClose} size={980} title={canned ? <bdi>/{canned.shortcut}</bdi> : t('canned.add')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <form
        className={css.wideForm}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void save();
        }}
      >
        <div className={desk.row}>
          <TextInput label={t('canned.shortcut')} leftSection="/" {...inDir('auto')} required maxLength={40} data-autofocus value={shortcut} error={refused.shortcut} onChange={(event) => setShortcut(event.target.value.replace(/[\s/]/g, ''))} data-testid="canned-shortcut" />
          <Autocomplete label={t('canned.folder')} {...inDir('auto')} maxLength={80} data={folders} value={folder} onChange={setFolder} data-testid="canned-folder" />
          <ScopeSelect value={scope} onChange={setScope} />
        </div>
        <div className={desk.languages}>
          {written.map((language) => (
            <Textarea
              key={language}
              label={languages[language].name}
              lang={language}
              wrapperProps={{ dir: languages[language].dir }}
              maxLength={4000}
              autosize
              minRows={6}
              maxRows={16}
              value={text[language]}
              error={refused[`text/${language}`] ?? (language === 'en' ? refused.text : undefined)}
              onChange={(event) => setText({ ...text, [language]: event.target.value })}
              onBlur={({ target }) => (last.current = { language, start: target.selectionStart, end: target.selectionEnd })}
              data-testid={`canned-text-${language}`}
            />
          ))}
        </div>
        <fieldset className={desk.variables}>
          <legend className={css.label}>{t('canned.variables')}</legend>
          {variableNames.map((name) => (
            <button key={name} type="button" onClick={() => put(name)} title={`{{${name}}}`}>
              {variableName(t, name)}
            </button>
          ))}
        </fieldset>
        <Files files={files} uploading={uploading > 0} onAdd={(chosen) => void add(chosen)} onRemove={(id) => setFiles((now) => now.filter((file) => file.id !== id))} />
        <div className={css.actions}>
          <Button type="submit" loading={busy} disabled={!ready} data-testid="canned-save">
            {t('common:action.save')}
          </Button>
          {canned && (
            <Button variant="default" color="red" onClick={() => void attempt(() => api.DELETE('/api/v1/canned-replies/{id}', { params: seenAs(canned) }))} data-testid="canned-remove">
              {t('common:action.delete')}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}

const seenAs = (canned: CannedReply) => ({ path: { id: canned.id }, header: { 'If-Match': `"${canned.version}"` } });

function Files({ files, uploading, onAdd, onRemove }: { files: Stored[]; uploading: boolean; onAdd: (chosen: File[]) => void; onRemove: (id: string) => void }) {
  const { t } = useTranslation('desk');
  return (
    <div className={desk.files}>
      {files.map(({ id, name, size }) => (
        <span key={id} className={desk.file}>
          <IconPaperclip size={15} stroke={1.8} aria-hidden />
          <bdi>{name}</bdi>
          <small>{formatBytes(size)}</small>
          <ActionIcon size="sm" aria-label={t('canned.removeFile', { name })} onClick={() => onRemove(id)}>
            <IconX size={14} />
          </ActionIcon>
        </span>
      ))}
      {files.length < 10 && (
        <FileButton multiple onChange={onAdd} inputProps={{ 'aria-label': t('canned.attach') }}>
          {(props) => (
            <Button {...props} variant="subtle" size="compact-sm" loading={uploading} leftSection={<IconPaperclip size={15} />} data-testid="canned-attach">
              {t('canned.attach')}
            </Button>
          )}
        </FileButton>
      )}
    </div>
  );
}
