/**
 * Ten minutes in a tunnel on the real product: the browser has no network, customers write, the agent answers. On the way out the list is the gateway's,
 * and each answer reached its phone once and in order, also if the gateway died meanwhile or the browser was closed.
 */
import { readdirSync } from 'node:fs';
import type { BrowserContext, Page } from '@playwright/test';
import { expect, signIn, test, type Demo } from './demo';

test.describe.configure({ mode: 'default', timeout: 120_000 });
test.use({ serviceWorkers: 'allow' });

const agent = 'maya@demo.wasl.example';
const tunnel = 10 * 60_000;
/** Who writes while the agent has no line, and who is answered. */
const writers = ['noa-levi', 'sara-khalil', 'emma-brown', 'ahmad-haddad', 'yossi-barak'];
const answered = { 'rami-nasser': 'Rami Nasser', 'david-miller': 'David Miller' } as const;
type Answered = keyof typeof answered;

const row = (page: Page, name: string) => page.getByTestId('conversation-row').filter({ hasText: name }).first();
const field = (page: Page) => page.getByTestId('composer-input');

async function says(context: BrowserContext, demo: Demo, key: string, text: string): Promise<void> {
  const answer = await context.request.post(`${demo.phones}/_sandbox/phones/${key}/messages`, { data: { type: 'text', text } });
  expect(answer.ok(), await answer.text()).toBe(true);
}

/** What a phone shows of the texts with this mark, as they came. */
async function arrived(context: BrowserContext, demo: Demo, key: string, mark: string): Promise<string[]> {
  const { items } = (await (await context.request.get(`${demo.phones}/_sandbox/phones/${key}/messages`)).json()) as { items: { from: string; content: { text?: string } }[] };
  return items.flatMap(({ content }) => (content.text?.includes(mark) ? [content.text] : []));
}

const listThere = async (context: BrowserContext, demo: Demo): Promise<{ id: string; last_message: { text: string } | null }[]> =>
  ((await (await context.request.get(`${demo.inbox}/api/v1/conversations?status=open,pending&limit=50`)).json()) as { items: { id: string; last_message: { text: string } | null }[] }).items;

/** The list on the screen is the gateway's, from the top. */
async function wantSameList(page: Page, context: BrowserContext, demo: Demo): Promise<void> {
  await field(page).hover(); // nothing moves under the pointer
  await expect(async () => {
    const shown = await page.getByTestId('conversation-row').evaluateAll((rows) => rows.map((one) => one.getAttribute('data-conversation-id')));
    const there = (await listThere(context, demo)).map(({ id }) => id);
    expect(shown.length).toBeGreaterThan(6);
    expect(shown).toEqual(there.slice(0, shown.length));
  }).toPass({ timeout: 60_000 });
}

async function write(page: Page, key: Answered, texts: string[]): Promise<void> {
  await row(page, answered[key]).click();
  await expect(field(page)).toHaveAttribute('aria-label', new RegExp(answered[key]));
  for (const text of texts) {
    await field(page).fill(text);
    await field(page).press('Enter');
    await expect(page.getByTestId('message').filter({ hasText: text })).toBeVisible();
  }
}

/** A signed-in agent who has worked for a minute: all files of the app are on the device. */
async function begin(context: BrowserContext, demo: Demo, ownClock = false): Promise<Page> {
  const page = await context.newPage();
  if (ownClock) await page.clock.install();
  await signIn(page, demo, agent);
  await page.getByTestId('conversation-row').first().waitFor();
  const wanted = readdirSync('dist/assets').length;
  await page.waitForFunction(async (most) => {
    await navigator.serviceWorker.ready;
    const [name] = await caches.keys();
    const kept = name ? await (await caches.open(name)).keys() : [];
    return navigator.serviceWorker.controller !== null && kept.filter(({ url }) => url.includes('/assets/')).length === most;
  }, wanted, { polling: 500, timeout: 60_000 });
  return page;
}

/** How many conversations' messages the device keeps to be read. */
const threadsOnDisk = () =>
  new Promise<number>((resolve) => {
    const request = indexedDB.open('wasl', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('kept');
    request.onsuccess = () => {
      const kept = request.result.transaction('kept').objectStore('kept').get('last') as IDBRequest<{ threads: object } | undefined>;
      kept.onsuccess = () => {
        request.result.close();
        resolve(Object.keys(kept.result?.threads ?? {}).length);
      };
    };
  });

/** Fifty messages of customers, and all of them at the gateway. */
async function fifty(context: BrowserContext, demo: Demo, mark: string): Promise<void> {
  for (let n = 1; n <= 10; n++) for (const key of writers) await says(context, demo, key, `${mark} ${n} of ten`);
  await expect.poll(async () => (await listThere(context, demo)).filter(({ last_message }) => last_message?.text === `${mark} 10 of ten`).length, { timeout: 60_000 }).toBe(writers.length);
}

for (const [way, killed] of [['with the gateway alive', false], ['with the gateway killed meanwhile', true]] as const) {
  test(`ten minutes without a network, ${way}`, async ({ browser, demo }) => {
    const context = await browser.newContext({ locale: 'en', serviceWorkers: 'allow' });
    const page = await begin(context, demo, true);
    const mark = killed ? 'second' : 'first';
    const texts: Record<Answered, string[]> = {
      'rami-nasser': [`${mark} a one`, `${mark} a two`, `${mark} a three`],
      'david-miller': [`${mark} b one`, `${mark} b two`],
    };
    // David's conversation is opened, so that it can be read; Rami's is not.
    await row(page, answered['david-miller']).click();
    await expect(page.getByTestId('message').first()).toBeVisible();

    await context.setOffline(true);
    await expect(page.getByTestId('conn-banner')).toHaveAttribute('data-state', 'offline');
    await fifty(context, demo, mark);
    await write(page, 'david-miller', texts['david-miller']);
    await page.clock.fastForward(tunnel / 2);
    await write(page, 'rami-nasser', texts['rami-nasser']);
    await page.clock.fastForward(tunnel / 2);
    await expect(page.getByTestId('conn-banner')).toContainText('5 messages wait');
    for (const key of Object.keys(answered)) expect(await arrived(context, demo, key, mark)).toEqual([]);
    if (killed) {
      await demo.kill();
      await demo.restart();
    }
    await context.setOffline(false);

    await expect(page.getByTestId('conn-banner')).toBeHidden({ timeout: 60_000 });
    for (const [key, wanted] of Object.entries(texts)) await expect.poll(() => arrived(context, demo, key, mark), { timeout: 60_000 }).toEqual(wanted);
    await wantSameList(page, context, demo);
    for (const [key, wanted] of Object.entries(texts)) expect(await arrived(context, demo, key, mark)).toEqual(wanted); // and nothing came twice
    await row(page, answered['rami-nasser']).click();
    for (const text of texts['rami-nasser']) await expect(page.getByTestId('message').filter({ hasText: text })).toHaveCount(1);
    await context.close();
  });
}

test('what is written without a gateway outlives the closed browser, and is read and resolved without one', async ({ browser, demo }) => {
  const context = await browser.newContext({ locale: 'en', serviceWorkers: 'allow' });
  const page = await begin(context, demo);
  await row(page, answered['david-miller']).click();
  await expect(page.getByTestId('message').first()).toBeVisible();
  const known = await page.getByTestId('message').count();
  await expect.poll(() => page.evaluate(threadsOnDisk), { timeout: 30_000 }).toBeGreaterThan(0);
  const address = page.url();
  await demo.kill();
  await write(page, 'david-miller', ['third one', 'third two']);
  await page.getByTestId('resolve').click();
  await expect(page.getByTestId('conn-banner')).toContainText('2 messages wait');
  await page.close();

  const again = await context.newPage();
  await again.goto(address);
  await expect(again.getByTestId('message').filter({ hasText: 'third two' })).toBeVisible();
  expect(await again.getByTestId('message').count()).toBeGreaterThanOrEqual(Math.min(known, 3));
  await demo.restart();
  await expect.poll(() => arrived(context, demo, 'david-miller', 'third'), { timeout: 60_000 }).toEqual(['third one', 'third two']);
  await expect.poll(async () => (await listThere(context, demo)).some(({ last_message }) => last_message?.text === 'third two')).toBe(false);
  await context.close();
});

test('of two tabs one sends, and both show it', async ({ browser, demo }) => {
  const context = await browser.newContext({ locale: 'en', serviceWorkers: 'allow' });
  const [one, two] = [await begin(context, demo), await begin(context, demo)];
  let posts = 0;
  context.on('request', (request) => void (request.method() === 'POST' && request.url().endsWith('/messages') && posts++));
  for (const page of [one, two]) await row(page, answered['rami-nasser']).click();
  await context.setOffline(true);
  await write(one, 'rami-nasser', ['fourth one', 'fourth two']);
  await expect(two.getByTestId('message').filter({ hasText: 'fourth two' })).toBeVisible();
  posts = 0;
  await context.setOffline(false);
  await expect.poll(() => arrived(context, demo, 'rami-nasser', 'fourth'), { timeout: 60_000 }).toEqual(['fourth one', 'fourth two']);
  for (const page of [one, two]) await expect(page.getByTestId('message').filter({ hasText: 'fourth two' })).toHaveCount(1);
  expect(posts).toBe(2);
  await context.close();
});

test('an answer to somebody who wrote meanwhile is asked about, not lost', async ({ browser, demo }) => {
  const context = await browser.newContext({ locale: 'en', serviceWorkers: 'allow' });
  const page = await begin(context, demo);
  await row(page, answered['rami-nasser']).click();
  await expect(page.getByTestId('message').first()).toBeVisible();
  await context.setOffline(true);
  await write(page, 'rami-nasser', ['fifth answer']);
  await says(context, demo, 'rami-nasser', 'fifth question, changed');
  await expect.poll(async () => (await listThere(context, demo)).some(({ last_message }) => last_message?.text === 'fifth question, changed'), { timeout: 60_000 }).toBe(true);
  await context.setOffline(false);
  await expect(field(page)).toHaveValue('fifth answer', { timeout: 60_000 });
  expect(await arrived(context, demo, 'rami-nasser', 'fifth answer')).toEqual([]);
  await context.close();
});

test('whoever signs out leaves nothing to read', async ({ browser, demo }) => {
  const context = await browser.newContext({ locale: 'en', serviceWorkers: 'allow' });
  const page = await begin(context, demo);
  await row(page, answered['rami-nasser']).click();
  await expect.poll(() => page.evaluate(threadsOnDisk), { timeout: 30_000 }).toBeGreaterThan(0);
  await page.getByTestId('account-menu').click();
  await page.getByTestId('sign-out').click();
  await expect(page.getByTestId('login-email')).toBeVisible();
  await context.setOffline(true);
  await page.goto(`${demo.inbox}/inbox`);
  await expect(page.getByRole('button', { name: 'Retry' })).toBeVisible();
  await expect(page.getByTestId('conversation-row')).toHaveCount(0);
  await context.close();
});
