/** The same done to many conversations, and taken back: the gateway works it off. */
import { api, bodyOf } from '~/shared/api/client';
import type { components } from '~/shared/api/schema.gen';
import type { Job } from '~/shared/api/types';
import { randomId } from '~/shared/lib/ids';
import { toastError } from '~/shared/ui/toast';
import { takeBack } from '../takeBack';
import { askBulk, heard, noBulk, useBulk } from './bulk';

export type BulkAction = components['schemas']['BulkInputBody']['actions'][number];

const begun = (id: string, kind: string, total: number): Job => ({ id, kind, state: 'running', done: 0, total, refused: 0, errors: [], created_at: new Date().toISOString() });

/** Starts it, for those that are named or all of a view; asking twice under one key is asking once. */
export async function doToAll(which: { ids: string[] } | { view_id: string }, action: BulkAction): Promise<boolean> {
  const key = randomId();
  try {
    const { job_id: id, undo_token: token } = await bodyOf(api.POST('/api/v1/conversations/bulk', { params: { header: { 'Idempotency-Key': key } }, body: { ...which, actions: [action] } }));
    useBulk.setState({ job: begun(id, 'bulk', 'ids' in which ? which.ids.length : 0), token });
    await askBulk(id);
    return true;
  } catch (cause) {
    toastError(cause);
    return false;
  }
}

/** Takes it back, also while it is under way: what was done by then. */
export async function undoBulk(token: string): Promise<void> {
  useBulk.setState(noBulk);
  const undone = await takeBack(token);
  if (!undone?.job_id) return;
  useBulk.setState({ job: begun(undone.job_id, 'undo', 0), token: '' });
  await askBulk(undone.job_id).catch(toastError);
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
