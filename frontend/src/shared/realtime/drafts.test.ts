import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Draft, Me } from '~/shared/api/types';
import { fillStorage } from '~/shared/test/storage';

const me = { user: { id: 'usr_1', name: 'Dana' } } as Me;
/** What the gateway keeps. */
let kept: Draft;
let cut: boolean;

const serve = () =>
  vi.stubGlobal('fetch', async (request: Request) => {
    if (cut) throw new TypeError('Failed to fetch');
    if (request.method === 'PUT') {
      const { base, ...draft } = (await request.json()) as Draft & { base?: string };
      if (base !== undefined && base !== kept.text && draft.text !== kept.text) return Response.json({ code: 'changed_meanwhile' }, { status: 412 });
      kept = draft;
    }
    return Response.json(kept);
  });

beforeEach(() => {
  vi.useFakeTimers();
  kept = { text: '', mode: 'reply' };
  cut = false;
  serve();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A tab of its own: its memory begins empty, its storage is that of the device. */
async function tab() {
  vi.resetModules();
  const { useLive } = await import('./store');
  useLive.setState({ me });
  return import('./drafts');
}

const key = 'wasl.draft.usr_1.c1';
/** The browser tells the other tabs what one has written. */
const told = () => window.dispatchEvent(new StorageEvent('storage', { key, newValue: localStorage.getItem(key) }));
const saved = () => vi.advanceTimersByTimeAsync(1000);

describe('two tabs', () => {
  test('show one draft, and neither loses what the other wrote', async () => {
    const [a, b] = [await tab(), await tab()];
    await Promise.all([a.loadDraft('c1'), b.loadDraft('c1')]);
    a.changeDraft('c1', { text: 'Hello Noa' });
    told();
    b.changeDraft('c1', { mode: 'note' });
    told();
    expect([a, b].map((t) => t.draftOf('c1').text)).toEqual(['Hello Noa', 'Hello Noa']);
    await saved();
    expect(kept).toMatchObject({ text: 'Hello Noa', mode: 'note' });
    const c = await tab();
    await c.loadDraft('c1');
    expect(c.draftOf('c1').text).toBe('Hello Noa');
  });

  test('both are empty once one has sent it', async () => {
    const [a, b] = [await tab(), await tab()];
    a.changeDraft('c1', { text: 'Hello' });
    told();
    a.clearDraft('c1');
    told();
    expect(b.draftOf('c1').text).toBe('');
  });
});

describe('another device', () => {
  test('wrote something newer: that is shown, not the old draft of this one', async () => {
    const before = await tab();
    before.changeDraft('c1', { text: 'old' });
    await saved();
    kept = { text: 'newer, from the phone', mode: 'reply' };
    const after = await tab();
    await after.loadDraft('c1');
    expect(after.draftOf('c1').text).toBe('newer, from the phone');
  });

  test('sent it: it does not come back here', async () => {
    const before = await tab();
    before.changeDraft('c1', { text: 'sent from the phone' });
    await saved();
    kept = { text: '', mode: 'reply' };
    const after = await tab();
    await after.loadDraft('c1');
    expect(after.draftOf('c1').text).toBe('');
  });

  test('wrote while this one was offline: both are there', async () => {
    const before = await tab();
    before.changeDraft('c1', { text: 'one' });
    await saved();
    cut = true;
    before.changeDraft('c1', { text: 'one, offline' });
    await saved();
    cut = false;
    kept = { text: 'from the phone', mode: 'reply' };
    const after = await tab();
    await after.loadDraft('c1');
    expect(after.draftOf('c1').text).toBe('from the phone\n\none, offline');
    await saved();
    expect(kept.text).toBe('from the phone\n\none, offline');
  });
});

test('what was typed offline goes to the gateway when the conversation is opened again', async () => {
  cut = true;
  const before = await tab();
  before.changeDraft('c1', { text: 'offline' });
  await saved();
  cut = false;
  const after = await tab();
  await after.loadDraft('c1');
  await saved();
  expect(kept.text).toBe('offline');
});

test('a draft that was sent while the gateway did not hear of it does not come back from there', async () => {
  const before = await tab();
  before.changeDraft('c1', { text: 'sent' });
  await saved();
  cut = true;
  before.clearDraft('c1');
  await saved();
  cut = false;
  const after = await tab();
  await after.loadDraft('c1');
  expect(after.draftOf('c1').text).toBe('');
});

test('a device without room still shows what is typed and brings it to the gateway', async () => {
  const a = await tab();
  a.changeDraft('c1', { text: 'older' });
  await saved();
  fillStorage();
  a.changeDraft('c1', { text: 'newer' });
  expect(a.draftOf('c1').text).toBe('newer');
  await saved();
  expect(kept.text).toBe('newer');
  vi.unstubAllGlobals();
  serve();
  const after = await tab();
  await after.loadDraft('c1');
  expect(after.draftOf('c1').text).toBe('newer');
});

test('in two browsers neither text is lost: the later one is put behind what the other has kept meanwhile', async () => {
  const a = await tab();
  await a.loadDraft('c1');
  a.changeDraft('c1', { text: 'from the desk' });
  await saved();
  kept = { text: 'from the phone', mode: 'reply' }; // which knew the draft as empty
  a.changeDraft('c1', { text: 'from the desk, more' });
  await saved();
  expect(a.draftOf('c1').text).toBe('from the phone\n\nfrom the desk, more');
  await saved();
  expect(kept.text).toBe('from the phone\n\nfrom the desk, more');
});
