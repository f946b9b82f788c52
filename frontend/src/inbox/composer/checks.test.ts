import { expect, test } from 'vitest';
import type { Capabilities } from '~/shared/api/types';
import { captionLimit, checkFile, checkText, mimeOf } from './checks';

const mb = 1 << 20;
const whatsapp = {
  media: [
    { kind: 'image', mime: ['image/jpeg', 'image/png'], max_bytes: 5 * mb },
    { kind: 'video', mime: ['video/mp4'], max_bytes: 16 * mb },
    { kind: 'voice', mime: ['audio/ogg'], max_bytes: 16 * mb },
    { kind: 'audio', mime: ['audio/mp4', 'audio/ogg'], max_bytes: 16 * mb },
    { kind: 'document', mime: ['*/*'], max_bytes: 100 * mb },
  ],
} as Capabilities;
const sms = { media: [{ kind: 'image', mime: ['image/*'], max_bytes: mb }] } as Capabilities;

test.each([
  ['a photo', whatsapp, { mime: 'image/jpeg', size: mb }, undefined, { ok: true, kind: 'image' }],
  ['a photo that is too large goes as a document', whatsapp, { mime: 'image/jpeg', size: 6 * mb }, undefined, { ok: true, kind: 'document', instead: 'image' }],
  ['a type that phones do not show goes as a document', whatsapp, { mime: 'image/heic', size: mb }, undefined, { ok: true, kind: 'document', instead: 'image' }],
  ['a sheet', whatsapp, { mime: 'application/vnd.ms-excel', size: mb }, undefined, { ok: true, kind: 'document' }],
  ['a film that nothing takes', whatsapp, { mime: 'video/mp4', size: 101 * mb }, undefined, { ok: false, reason: 'size', max: 100 * mb }],
  ['a recording in ogg', whatsapp, { mime: 'audio/ogg', size: mb }, 'voice' as const, { ok: true, kind: 'voice' }],
  ['a recording that is no ogg is a sound', whatsapp, { mime: 'audio/mp4', size: mb }, 'voice' as const, { ok: true, kind: 'audio', instead: 'voice' }],
  ['an empty file', whatsapp, { mime: 'image/png', size: 0 }, undefined, { ok: false, reason: 'empty', max: 0 }],
  ['a family of types', sms, { mime: 'image/webp', size: 100 }, undefined, { ok: true, kind: 'image' }],
  ['a type that the channel does not know', sms, { mime: 'application/pdf', size: 100 }, undefined, { ok: false, reason: 'type', max: 0 }],
  ['too large without documents', sms, { mime: 'image/webp', size: 2 * mb }, undefined, { ok: false, reason: 'size', max: mb }],
])('%s', (_, capabilities, file, wanted, expected) => {
  expect(checkFile(capabilities, file, wanted)).toEqual(expected);
});

test('a type is cleaned, and guessed from the name where the browser gives none', () => {
  expect(mimeOf({ name: 'a.ogg', type: 'audio/ogg; codecs=opus' })).toBe('audio/ogg');
  expect(mimeOf({ name: 'photo.HEIC', type: '' })).toBe('image/heic');
  expect(mimeOf({ name: 'x', type: '' })).toBe('application/octet-stream');
});

test('length counts what people see as characters, not halves of emoji', () => {
  expect(checkText('👍👍', 2)).toMatchObject({ length: 2, over: false, near: true });
  expect(checkText('abc', 2)).toMatchObject({ over: true });
  expect(checkText('abc', 0)).toMatchObject({ over: false, near: false });
  expect(checkText('a'.repeat(85), 100)).toMatchObject({ near: false });
});

test('a channel that counts bytes', () => {
  expect(checkText('שלום', 0, 8)).toMatchObject({ length: 8, over: false });
  expect(checkText('שלום!', 0, 8)).toMatchObject({ length: 9, max: 8, over: true });
});

test('a channel on which no text stands beside a file', () => {
  const rule = (kind: string, no_caption: boolean) => ({ kind, mime: ['*/*'], max_bytes: 0, no_caption });
  expect(captionLimit({ caption_max: 0, media: [rule('image', true), rule('audio', true)] } as Capabilities)).toBeNull();
  expect(captionLimit({ caption_max: 0, media: [rule('image', false)] } as Capabilities)).toBe(0);
  expect(captionLimit({ caption_max: 1024, media: [rule('image', false), rule('audio', true)] } as Capabilities)).toBe(1024);
});
