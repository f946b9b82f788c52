/** What agents keep to be fast, asked for where it is used and again when it changes. */
import { $api } from '~/shared/api/client';
import { useQuery } from '@tanstack/react-query';
import { invalidate, queryClient } from '~/shared/api/queries';

export const useCanned = () => $api.useQuery('get', '/api/v1/canned-replies', {}, { select: (page) => page.items, staleTime: Infinity });

/** What variables of texts are in a conversation, by name. */
export const useVariables = (conversationId: string) =>
  $api.useQuery('get', '/api/v1/conversations/{id}/variables', { params: { path: { id: conversationId } } }, {
    select: (page): Record<string, string> => Object.fromEntries(page.items.map(({ name, value }) => [name, value])),
    staleTime: 0,
  });

/** Somebody changed what is kept: it is asked for again. */
export function hearDesk(type: string): void {
  if (type.startsWith('canned_reply.')) void invalidate('/api/v1/canned-replies');
  if (type.startsWith('label.')) void invalidate('/api/v1/labels');
  if (type.startsWith('view.')) void invalidate('/api/v1/views', '/api/v1/views/counts');
  if (type.startsWith('macro.')) void invalidate('/api/v1/macros');
}

/** The labels that have a colour. */
export const useLabels = () => $api.useQuery('get', '/api/v1/labels', {}, { select: (page) => page.items, staleTime: Infinity });

export const useMacros = () => $api.useQuery('get', '/api/v1/macros', {}, { select: (page) => page.items, staleTime: Infinity });

export const useViews = () => $api.useQuery('get', '/api/v1/views', {}, { select: (page) => page.items, staleTime: Infinity });

const viewCounts = $api.queryOptions('get', '/api/v1/views/counts', {}, { staleTime: Infinity });

/** How many conversations are in each view: asked for once, and told from then on. */
export const useViewCounts = () => useQuery({ ...viewCounts, select: (page) => page.items });

export const keepViewCounts = (items: { id: string; count: number; more: boolean }[]) => queryClient.setQueryData(viewCounts.queryKey, { items, next_cursor: '' });
