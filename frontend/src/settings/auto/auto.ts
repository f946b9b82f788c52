/** Automatic messages as their form holds them. Pure. */
import type { AutoMessage } from '~/shared/api/types';

export const autoKinds = ['welcome', 'away', 'queue_position', 'satisfaction'] as const;
export type Kind = (typeof autoKinds)[number];

export const channelKinds = ['whatsapp', 'messenger', 'instagram', 'sms', 'email', 'widget'] as const;

export type Text = Required<AutoMessage['text']>;
export const blankText: Text = { en: '', he: '', ar: '' };

/** Where the number stands in the text of a place. */
export const position = '{{position}}';

/** Whether the gateway takes it: a text in a language, and in each the number where there is to be one. */
export function ready(kind: Kind, text: Text): boolean {
  const written = Object.values(text).filter((one) => one.trim());
  return written.length > 0 && (kind !== 'queue_position' || written.every((one) => one.includes(position)));
}

/** What the gateway is told of channels, which stand together with their kinds, and of texts. */
export function toGateway(where: string[], text: Text) {
  const kinds = where.flatMap((one) => channelKinds.filter((kind) => kind === one));
  return {
    channel_ids: where.filter((one) => !channelKinds.some((kind) => kind === one)),
    channel_kinds: kinds,
    text: Object.fromEntries(Object.entries(text).flatMap(([language, said]) => (said.trim() ? [[language, said.trim()]] : []))) as AutoMessage['text'],
  };
}
