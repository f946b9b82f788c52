/** Files on their way: they start at once, go on while another conversation is looked at, and wait here to be sent. */
import { create } from 'zustand';
import { ApiError } from '~/shared/api/client';
import type { Attachment, AttachmentKind, Capabilities, UploadedMedia } from '~/shared/api/types';
import { randomId } from '~/shared/lib/ids';
import { checkFile, mimeOf, type FileCheck } from './checks';

export interface Upload {
  key: string;
  file: Pick<File, 'name' | 'size'>;
  mime: string;
  kind: AttachmentKind;
  /** What it is where it goes as something else. */
  instead?: AttachmentKind;
  /** Shows it before the gateway has it. */
  preview: string;
  state: 'uploading' | 'ready' | 'failed' | 'refused';
  progress: number;
  refusal?: Extract<FileCheck, { ok: false }>;
  error?: ApiError;
  media?: UploadedMedia;
}

const useStore = create<{ uploads: Record<string, Upload[]> }>()(() => ({ uploads: {} }));
const requests = new Map<string, XMLHttpRequest>();
const none: Upload[] = [];

export const useUploads = (conversationId: string) => useStore((s) => s.uploads[conversationId] ?? none);

const change = (id: string, edit: (uploads: Upload[]) => Upload[]) =>
  useStore.setState((s) => ({ uploads: { ...s.uploads, [id]: edit(s.uploads[id] ?? none) } }));
const patch = (id: string, key: string, fields: Partial<Upload>) => change(id, (all) => all.map((u) => (u.key === key ? { ...u, ...fields } : u)));

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Uploads one file; fetch cannot tell how far it is. */
function start(id: string, upload: Upload): void {
  if (!(upload.file instanceof File)) return;
  const request = new XMLHttpRequest();
  requests.set(upload.key, request);
  const end = (fields: Partial<Upload>) => {
    requests.delete(upload.key);
    patch(id, upload.key, fields);
  };
  request.upload.onprogress = (e) => e.lengthComputable && patch(id, upload.key, { progress: e.loaded / e.total });
  request.onerror = () => end({ state: 'failed', error: new ApiError(0) });
  request.onload = () => {
    const body = parse(request.responseText);
    if (request.status >= 200 && request.status < 300) end({ state: 'ready', progress: 1, media: body as unknown as UploadedMedia });
    else end({ state: 'failed', error: new ApiError(request.status, body) });
  };
  const form = new FormData();
  if (upload.kind === 'voice') form.set('kind', 'voice');
  form.set('file', upload.file, upload.file.name);
  request.open('POST', '/api/v1/media');
  request.send(form);
}

/** Takes files for a conversation. What the channel refuses is kept to say why. */
export function addFiles(id: string, files: File[], capabilities: Capabilities, wanted?: AttachmentKind): void {
  for (const file of files) {
    const mime = mimeOf(file);
    const check = checkFile(capabilities, { mime, size: file.size }, wanted);
    const upload: Upload = {
      key: randomId(), file, mime, kind: check.ok ? check.kind : 'document', preview: URL.createObjectURL(file), progress: 0,
      state: check.ok ? 'uploading' : 'refused',
      ...(check.ok ? { instead: check.instead } : { refusal: check }),
    };
    change(id, (all) => [...all, upload]);
    if (check.ok) start(id, upload);
  }
}

/** Takes files that the gateway has already, such as those of a canned reply. What the channel refuses is kept to say why. */
export function addStored(id: string, stored: UploadedMedia[], capabilities: Capabilities): void {
  const uploads = stored.map((media): Upload => {
    const check = checkFile(capabilities, media, media.kind === 'voice' ? 'voice' : undefined);
    return {
      key: randomId(), file: media, mime: media.mime, kind: check.ok ? check.kind : 'document', preview: media.url, progress: 1, media,
      state: check.ok ? 'ready' : 'refused',
      ...(check.ok ? { instead: check.instead } : { refusal: check }),
    };
  });
  change(id, (all) => [...all, ...uploads]);
}

/** Puts files back that were taken for a message which was not sent: the gateway has them. */
export function restoreUploads(id: string, attachments: Attachment[]): void {
  const back = attachments.map((a): Upload => ({
    key: randomId(), file: new File([], a.name, { type: a.mime }), mime: a.mime, kind: a.kind, preview: a.thumbnail_url || a.url, progress: 1, state: 'ready',
    media: a as unknown as UploadedMedia,
  }));
  change(id, (all) => [...back, ...all]);
}

export function removeUpload(id: string, key: string): void {
  requests.get(key)?.abort();
  requests.delete(key);
  change(id, (all) => all.filter((u) => u.key !== key));
}

export function retryUpload(id: string, key: string): void {
  const upload = useStore.getState().uploads[id]?.find((u) => u.key === key);
  if (upload?.state !== 'failed') return;
  patch(id, key, { state: 'uploading', progress: 0, error: undefined });
  start(id, upload);
}

/** Takes the files that are sent; their previews stay until the gateway's copies are shown. */
export function takeUploads(id: string): Upload[] {
  const taken = useStore.getState().uploads[id] ?? none;
  change(id, () => []);
  return taken;
}
