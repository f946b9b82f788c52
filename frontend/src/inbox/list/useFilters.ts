import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { parseFilters, type Filters } from './filters';

/** The filters in the URL, and the way to change them without leaving the open conversation. */
export function useFilters(): { filters: Filters; setFilters: (filters: Filters) => void } {
  const search = useSearch({ from: '/app/inbox' });
  const navigate = useNavigate();
  const { view, saved, queue, agent, status, channel, label, unread, sla, sort } = search;
  const statusKey = status?.join();
  const filters = useMemo(
    () => parseFilters({ view, saved, queue, agent, status: statusKey?.split(','), channel, label, unread, sla, sort }),
    [view, saved, queue, agent, statusKey, channel, label, unread, sla, sort],
  );
  const setFilters = useCallback(
    (next: Filters) => void navigate({ to: '.', search: (s) => ({ q: s.q, pane: s.pane, watch: s.watch, ...next }), replace: true }),
    [navigate],
  );
  return { filters, setFilters };
}
