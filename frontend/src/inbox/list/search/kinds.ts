import type { paths } from '~/shared/api/schema.gen';

type Answer = paths['/api/v1/search']['get']['responses']['200']['content']['application/json'];

/** The kinds of things that are found, as the gateway calls them. */
export type Kind = Exclude<keyof Answer, 'cursors' | 'next_cursor'>;
export type Item<K extends Kind = Kind> = NonNullable<Answer[K]>[number];

/** In the order in which they are shown. */
export const kinds = ['contacts', 'messages', 'notes', 'files', 'canned_replies'] as const satisfies Kind[];

/** What narrows a search. */
export interface Narrow {
  channel?: string;
  from?: string;
  /** Days back from now. */
  days?: number;
}

export const isNarrow = ({ channel, from, days }: Narrow) => !!(channel || from || days);

const day = 86_400_000;

/** The same as parameters of the route; the time by whole hours, so that a question stays the same for a while. */
export const toParams = ({ channel, from, days }: Narrow, now = Date.now()) => ({
  ...(channel && { channel }),
  ...(from && { from }),
  ...(days && { since: new Date(Math.floor(now / 3_600_000) * 3_600_000 - days * day).toISOString() }),
});
