import { beforeEach, expect, test, vi } from 'vitest';
import { queryClient } from '~/shared/api/queries';
import type { Me } from '~/shared/api/types';
import { conversation, message } from '~/shared/test/samples';
import { conversations } from './conversations';
import { forgetKept, keep, restoreKept } from './kept';
import { noteServerTime } from './serverClock';
import { emptyThread, resetLive, useLive } from './store';

const disk = vi.hoisted(() => ({ kept: undefined as unknown }));
vi.mock('./disk', () => ({
  readDisk: async () => structuredClone(disk.kept),
  writeDisk: async (_: string, value: unknown) => void (disk.kept = structuredClone(value)),
  clearDisk: async () => void (disk.kept = undefined),
}));

const me = { user: { id: 'usr_1', name: 'Dana' } } as Me;
const list = ['conversations', {}] as const;

/** A session in which a list was loaded and a conversation opened; then the browser is closed. */
async function session(): Promise<void> {
  useLive.setState({ me, threads: { c1: { ...emptyThread, items: [...Array.from({ length: 80 }, (_, n) => message(`m${n}`)), { ...message('w'), local: { state: 'waiting' } }] } } });
  for (const id of ['c1', 'c2', 'c9']) conversations.put(conversation(id));
  queryClient.setQueryData(list, { pages: [{ ids: ['c1', 'c2'] }], pageParams: [''] });
  queryClient.setQueryData(['get', '/api/v1/users', {}], { items: ['Dana'] });
  queryClient.setQueryData(['get', '/api/v1/audit', {}], { items: ['secret'] });
  await keep();
  resetLive();
  queryClient.clear();
}

beforeEach(() => {
  disk.kept = undefined;
  resetLive();
  queryClient.clear();
  noteServerTime(new Date().toISOString());
});

test('the list and the conversations that were opened can be read without a line, and nothing else', async () => {
  await session();
  expect(await restoreKept()).toEqual(me);
  expect(queryClient.getQueryData(list)).toMatchObject({ pages: [{ ids: ['c1', 'c2'] }] });
  expect(queryClient.getQueryState(list)?.dataUpdatedAt).toBe(1); // asked again as soon as that is possible
  expect([conversations.get('c1')?.id, conversations.get('c2')?.id, conversations.get('c9')]).toEqual(['c1', 'c2', undefined]);
  const items = useLive.getState().threads.c1?.items ?? [];
  expect([items.length, items.at(-1)?.id]).toEqual([50, 'm79']); // what waits to go out has its own place
  expect(queryClient.getQueryData(['get', '/api/v1/users', {}])).toBeDefined();
  expect(JSON.stringify(disk.kept)).not.toContain('secret');
});

test('whoever signs out leaves nothing', async () => {
  await session();
  await forgetKept();
  expect(await restoreKept()).toBeNull();
  expect(useLive.getState().me).toBeNull();
});

test('after a week it is not shown', async () => {
  await session();
  noteServerTime(new Date(Date.now() + 8 * 24 * 3_600_000).toISOString());
  expect(await restoreKept()).toBeNull();
});

test('nobody who is signed in means nothing to keep', async () => {
  await keep();
  expect(disk.kept).toBeUndefined();
});
