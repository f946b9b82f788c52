/** What the channel takes, checked before it is sent. The gateway checks the same again. */
import type { AttachmentKind, Capabilities } from '~/shared/api/types';

/** Lengths are in code points, as the gateway counts them. */
export const lengthOf = (text: string) => [...text].length;
const bytesOf = (text: string) => new TextEncoder().encode(text).length;

const matches = (mime: string, pattern: string) => pattern === '*/*' || pattern === mime || (pattern.endsWith('/*') && mime.startsWith(pattern.slice(0, -1)));

/** Types that browsers leave empty for files that people do send. */
const byExtension: Record<string, string> = {
  pdf: 'application/pdf', csv: 'text/csv', txt: 'text/plain', heic: 'image/heic', ogg: 'audio/ogg', opus: 'audio/ogg', amr: 'audio/amr', m4a: 'audio/mp4', '3gp': 'video/3gpp', zip: 'application/zip',
};

export function mimeOf(file: Pick<File, 'name' | 'type'>): string {
  const type = (file.type.split(';')[0] ?? '').trim().toLowerCase();
  if (type && type !== 'application/octet-stream') return type;
  return byExtension[/\.(\w+)$/.exec(file.name)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream';
}

const familyKind: Record<string, AttachmentKind> = { image: 'image', video: 'video', audio: 'audio' };

export type FileCheck =
  /** as: 'document' when it goes as one although it is a picture, a film or a sound. */
  | { ok: true; kind: AttachmentKind; instead?: AttachmentKind }
  | { ok: false; reason: 'type' | 'size' | 'empty'; max: number };

/** How a file can go over the channel: as what it is, else as a document, else not at all. */
export function checkFile(capabilities: Capabilities, file: { mime: string; size: number }, wanted?: AttachmentKind): FileCheck {
  if (file.size === 0) return { ok: false, reason: 'empty', max: 0 };
  const own = wanted ?? familyKind[file.mime.split('/')[0] ?? ''] ?? 'document';
  let max = 0;
  for (const kind of own === 'document' ? [own] : [own, ...(own === 'voice' ? (['audio'] as const) : []), 'document' as const]) {
    const rule = capabilities.media.find((r) => r.kind === kind && r.mime.some((pattern) => matches(file.mime, pattern)));
    if (!rule) continue;
    if (rule.max_bytes === 0 || file.size <= rule.max_bytes) return kind === own ? { ok: true, kind } : { ok: true, kind, instead: own };
    max = Math.max(max, rule.max_bytes);
  }
  return max ? { ok: false, reason: 'size', max } : { ok: false, reason: 'type', max: 0 };
}

/** Kinds beside which no text can stand. */
export const takesCaption = (kind: AttachmentKind) => kind === 'image' || kind === 'video' || kind === 'document';

/** How long a text beside a file may be; 0: any length, null: none can stand there. */
export function captionLimit(capabilities: Capabilities | undefined): number | null {
  return capabilities?.media.length && capabilities.media.every((r) => r.no_caption || !takesCaption(r.kind)) ? null : (capabilities?.caption_max ?? 0);
}

/** From this share of the limit on, the length is shown. */
const nearLimit = 0.85;

export interface TextCheck {
  length: number;
  max: number;
  near: boolean;
  over: boolean;
}

/** The limit is in code points, or in bytes where the channel counts those. */
export function checkText(text: string, max: number, bytes = 0): TextCheck {
  if (bytes > 0) return measured(bytesOf(text), bytes);
  return measured(lengthOf(text), max);
}

function measured(length: number, max: number): TextCheck {
  return { length, max, near: max > 0 && length > max * nearLimit, over: max > 0 && length > max };
}
