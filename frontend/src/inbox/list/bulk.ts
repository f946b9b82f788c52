/** What the gateway says of the same being done to many conversations (bulkWork.ts). */
import i18next from 'i18next';
import { create } from 'zustand';
import { api, bodyOf } from '~/shared/api/client';
import type { Job } from '~/shared/api/types';
import { formatNumber } from '~/shared/i18n/format';
import { listen } from '~/shared/realtime/live';
import { toastDone } from '~/shared/ui/toast';

interface Bulk {
  /** The work that is under way; null: none. */
  job: Job | null;
  /** What takes it back; empty: it is what takes something back. */
  token: string;
}

export const noBulk: Bulk = { job: null, token: '' };

export const useBulk = create<Bulk>()(() => noBulk);

export function heard(job: Job): void {
  const { job: current, token } = useBulk.getState();
  if (current?.id !== job.id) return;
  if (job.state === 'running') return useBulk.setState({ job });
  useBulk.setState(noBulk);
  const changed = job.done - job.refused;
  const said = [i18next.t(token ? 'more:bulk.done' : 'more:bulk.takenBack', { count: changed, n: formatNumber(changed) })];
  if (job.refused > 0) said.push(i18next.t('more:bulk.failed', { count: job.refused, n: formatNumber(job.refused) }));
  const left = job.errors.filter(({ code }) => code === 'left_alone').length;
  if (left > 0) said.push(i18next.t('more:bulk.leftAlone', { count: left, n: formatNumber(left) }));
  toastDone(said.join('. '), token && changed > 0 ? () => void import('./bulkWork').then(({ undoBulk }) => undoBulk(token)) : undefined);
}

export const askBulk = async (id: string) => heard(await bodyOf(api.GET('/api/v1/jobs/{id}', { params: { path: { id } } })));

/** Hears of the work while the list is on screen, also what was missed without a line. */
export const hearBulk = () =>
  listen({
    frames: (frames) => frames.forEach((frame) => frame.type === 'job.updated' && heard(frame.data)),
    up: () => {
      const { job } = useBulk.getState();
      if (job) void askBulk(job.id).catch(() => undefined);
    },
  });
