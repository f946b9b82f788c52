import { Button, FileButton, TextInput } from '@mantine/core';
import { IconFile, IconMapPin, IconPhoto, IconSend, IconUpload, IconVideo } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, bodyOf } from '~/shared/api/client';
import { useChannel } from '~/shared/api/queries';
import type { Attachment, Location, Template, UploadedMedia } from '~/shared/api/types';
import { sendMessage } from '~/shared/realtime/outbox';
import { toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import { PhoneButtons } from '../../thread/content/Choices';
import { TemplateView } from '../../thread/content/TemplateBody';
import { checkFile, mimeOf } from '../checks';
import { headerMedia, knownValues, renderTemplate, slotKey, slotProblem, slots, templateText, templateUse, type Slot } from '../templates';
import css from './Dialogs.module.css';
import type { DialogProps } from './Dialogs';
import { parsePoint } from './point';

const accepts = { image: 'image/*', video: 'video/*', document: '*/*' };
const icons = { image: IconPhoto, video: IconVideo, document: IconFile, location: IconMapPin };

interface HeaderProps {
  kind: 'image' | 'video' | 'document';
  channelId: string;
  media: UploadedMedia | null;
  setMedia: (media: UploadedMedia) => void;
}

/** The file that a template begins with. */
function HeaderFile({ kind, channelId, media, setMedia }: HeaderProps) {
  const { t } = useTranslation('composer');
  const capabilities = useChannel(channelId)?.capabilities;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const upload = async (file: File | null) => {
    if (!file || !capabilities) return;
    const check = checkFile(capabilities, { mime: mimeOf(file), size: file.size }, kind);
    setProblem(check.ok && check.kind === kind ? '' : t('template.wrongFile'));
    if (!check.ok || check.kind !== kind) return;
    setBusy(true);
    const form = new FormData();
    form.set('kind', kind);
    form.set('file', file, file.name);
    try {
      // The document's type of a file is text; what is sent is the form.
      setMedia(await bodyOf(api.POST('/api/v1/media', { body: { file: '' }, bodySerializer: () => form })));
    } catch (cause) {
      toastError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div>
      <FileButton accept={accepts[kind]} onChange={(file) => void upload(file)}>
        {(props) => (
          <Button {...props} variant="default" loading={busy} leftSection={<IconUpload size={16} />}>
            {media ? media.name : t(`template.file.${kind}`)}
          </Button>
        )}
      </FileButton>
      {problem && <p role="alert" style={{ color: 'var(--danger)', margin: '4px 0 0' }}>{problem}</p>}
    </div>
  );
}

/** The place of the header's file in the preview. */
function HeaderPreview({ kind, media }: { kind: keyof typeof icons; media: UploadedMedia | null }) {
  const Icon = icons[kind];
  const picture = media?.thumbnail_url || (media?.kind === 'image' && media.url);
  return <div className={css.media}>{picture ? <img src={picture} alt="" /> : <Icon size={28} stroke={1.4} aria-hidden />}</div>;
}

function useSlotLabel(): (slot: Slot) => string {
  const { t } = useTranslation('composer');
  return (slot) => {
    if (slot.part === 'button') return t('template.slot.button', { name: slot.hint });
    return t(`template.slot.${slot.part}`, { name: `{{${slot.name}}}` });
  };
}

/** The values of a template beside what the customer will see. */
export function TemplateForm({ template, conversation, close }: DialogProps & { template: Template }) {
  const { t } = useTranslation('composer');
  const label = useSlotLabel();
  const [values, setValues] = useState(() => knownValues(template, conversation.contact.name));
  const [tried, setTried] = useState(false);
  const [media, setMedia] = useState<UploadedMedia | null>(null);
  const [point, setPoint] = useState('');
  const all = slots(template);
  const form = useRef<HTMLFormElement>(null);
  // Choosing goes on to what is to be filled in, or to Send.
  useEffect(() => {
    const fields = [...(form.current?.querySelectorAll<HTMLElement>('input, button') ?? [])];
    (fields.find((field) => field instanceof HTMLInputElement && field.value === '' && field.type === 'text') ?? form.current?.querySelector<HTMLElement>('button[type="submit"]'))?.focus();
  }, []);
  const header = headerMedia(template);
  const location: Location | null = header === 'location' ? parsePoint(point) : null;
  const use = { ...templateUse(template, values), ...(location && { location }) };
  const rendered = renderTemplate(template, use);
  const missing = all.some((s) => slotProblem(values[slotKey(s)] ?? '')) || (header === 'location' ? !location : header !== '' && !media);

  const send = () => {
    setTried(true);
    if (missing) return;
    const attachment = media && ({ ...media, state: 'ready' } satisfies Attachment);
    sendMessage(
      conversation,
      { type: 'template', template: use, text: templateText(template, use), ...(attachment && { attachments: [{ id: attachment.id, kind: attachment.kind }] }) },
      { attachments: attachment ? [attachment] : [] },
    );
    close();
  };
  return (
    <form
      ref={form}
      className={css.column}
      onSubmit={(e) => {
        e.preventDefault();
        send();
      }}
    >
      {header && header !== 'location' && <HeaderFile kind={header} channelId={conversation.channel_id} media={media} setMedia={setMedia} />}
      {header === 'location' && (
        <TextInput label={t('location.point')} placeholder="32.0853, 34.7818" dir="ltr" value={point} error={tried && !location && t('location.invalid')} onChange={(e) => setPoint(e.target.value)} />
      )}
      {all.map((slot) => {
        const key = slotKey(slot);
        const value = values[key] ?? '';
        const problem = slotProblem(value);
        return (
          <TextInput
            key={key}
            label={label(slot)}
            placeholder={slot.example && t('template.example', { value: slot.example })}
            {...inDir(value ? 'auto' : undefined)}
            value={value}
            error={problem && (tried || problem === 'invalid') ? t(`template.problem.${problem}`) : undefined}
            onChange={(e) => setValues({ ...values, [key]: e.target.value })}
            data-testid={`template-slot-${key}`}
          />
        );
      })}
      <div className={css.phone} aria-label={t('template.preview')}>
        <div className={css.bubble} data-testid="template-preview">
          {header && <HeaderPreview kind={header} media={media} />}
          <TemplateView rendered={rendered} format="whatsapp" />
          {rendered.buttons.length > 0 && <PhoneButtons buttons={rendered.buttons} />}
        </div>
      </div>
      <div className={css.foot}>
        <Button variant="default" onClick={close}>{t('cancel')}</Button>
        <Button type="submit" rightSection={<IconSend size={16} className="mirror" />} data-testid="template-send">{t('send')}</Button>
      </div>
    </form>
  );
}
