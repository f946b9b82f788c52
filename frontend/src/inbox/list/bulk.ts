/** The same done to many conversations: the gateway works it off, and says how far it is. */
import i18next from 'i18next';
import { create } from 'zustand';
import { api, bodyOf } from '~/shared/api/client';
import type { components } from '~/shared/api/schema.gen';
import type { Job } from '~/shared/api/types';
import { formatNumber } from '~/shared/i18n/format';
import { randomId } from '~/shared/lib/ids';
import { listen } from '~/shared/realtime/live';
import { toastDone, toastError } from '~/shared/ui/toast';

export type BulkAction = components['schemas']['BulkInputBody']['actions'][number];

/** The work that is under way; null: none. */
export const useBulk = create<{ job: Job | null }>()(() => ({ job: null }));

function heard(job: Job): void {
  if (useBulk.getState().job?.id !== job.id) return;
  if (job.state === 'running') return useBulk.setState({ job });
  useBulk.setState({ job: null });
  const changed = job.done - job.errors.length;
  const said = i18next.t('more:bulk.done', { count: changed, n: formatNumber(changed) });
  const failed = job.errors.length;
  toastDone(failed > 0 ? `${said}. ${i18next.t('more:bulk.failed', { count: failed, n: formatNumber(failed) })}` : said);
}

const asked = async (id: string) => heard(await bodyOf(api.GET('/api/v1/jobs/{id}', { params: { path: { id } } })));

/** Hears of the work while the list is on screen, also what was missed without a line. */
export const hearBulk = () =>
  listen({
    frames: (frames) => frames.forEach((frame) => frame.type === 'job.updated' && heard(frame.data)),
    up: () => {
      const { job } = useBulk.getState();
      if (job) void asked(job.id).catch(() => undefined);
    },
  });

/** Starts it; asking twice under one key is asking once. */
export async function doToAll(ids: string[], action: BulkAction): Promise<boolean> {
  const key = randomId();
  try {
    const { job_id: id } = await bodyOf(api.POST('/api/v1/conversations/bulk', { params: { header: { 'Idempotency-Key': key } }, body: { ids, actions: [action] } }));
    useBulk.setState({ job: { id, kind: 'bulk', state: 'running', done: 0, total: ids.length, errors: [], created_at: new Date().toISOString() } });
    await asked(id);
    return true;
  } catch (cause) {
    toastError(cause);
    return false;
  }
}

export async function stopBulk(): Promise<void> {
  const { job } = useBulk.getState();
  if (!job) return;
  try {
    heard(await bodyOf(api.DELETE('/api/v1/jobs/{id}', { params: { path: { id: job.id } } })));
  } catch (cause) {
    toastError(cause);
  }
}
