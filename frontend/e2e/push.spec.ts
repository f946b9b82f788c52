import { expect, type Page } from '@playwright/test';
import { type Demo, signIn, test } from './demo';

const maya = 'maya@demo.wasl.example';

test.use({ serviceWorkers: 'allow' });

/** Resolves once the worker of the app has the page. */
const controlled = (page: Page) => page.waitForFunction(() => navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null));

test('the app can be installed', async ({ request, demo }) => {
  const answer = await request.get(`${demo.inbox}/manifest.webmanifest`);
  expect(answer.headers()).toMatchObject({ 'content-type': 'application/manifest+json', 'cache-control': 'no-cache' });
  const { name, display, icons } = (await answer.json()) as { name: string; display: string; icons: { src: string; type: string; purpose: string }[] };
  expect([name, display]).toEqual(['Wasl', 'standalone']);
  expect(icons.map(({ purpose }) => purpose)).toContain('maskable');
  for (const { src, type } of icons) expect((await request.get(demo.inbox + src)).headers()['content-type']).toBe(type);
  const worker = await request.get(`${demo.inbox}/sw.js`);
  expect(worker.headers()).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache' });
});

test('the app opens without a line, and keeps no answer of the gateway', async ({ page, demo }) => {
  await signIn(page, demo, maya);
  await page.getByTestId('conversation-row').first().waitFor();
  await controlled(page);
  await page.reload();
  await page.getByTestId('conversation-row').first().waitFor();
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)));
    return { names, paths: all.flat() };
  });
  expect(kept.names).toHaveLength(1);
  expect(kept.paths).toContain('/');
  expect(kept.paths.filter((path) => path.startsWith('/api/'))).toEqual([]);
  await expect.poll(() => page.evaluate(() => indexedDB.databases().then((all) => all.map(({ name }) => name))), { timeout: 30_000 }).toContain('wasl');
  await demo.stop();
  await page.goto(`${demo.inbox}/inbox`);
  await expect(page.getByTestId('conversation-row').first()).toBeVisible(); // as it was when it was loaded last
  await expect(page.getByTestId('conn-banner')).toBeVisible();
  await demo.restart();
  await expect(page.getByTestId('conn-banner')).toBeHidden();
  await expect(page.getByTestId('conversation-row').first()).toBeVisible();
});

test('the switch for this device says what hinders it', async ({ page, context, demo }) => {
  await signIn(page, demo, maya);
  const device = page.getByTestId('this-device');
  const toggle = page.getByTestId('device-switch');
  await context.grantPermissions(['notifications'], { origin: demo.inbox });
  await page.goto(`${demo.inbox}/settings/profile`);
  await expect(device).toHaveAttribute('data-state', 'off');
  await toggle.click({ force: true });
  await expect(device.getByRole('alert')).toContainText('push service'); // none can be reached from here
  await expect(device).toHaveAttribute('data-state', 'off');
  for (const [state, hindrance] of [
    ['blocked', () => Object.defineProperty(Notification, 'permission', { get: () => 'denied' })],
    ['unsupported', () => delete (window as { PushManager?: unknown }).PushManager],
  ] as const) {
    await page.addInitScript(hindrance);
    await page.reload();
    await expect(device).toHaveAttribute('data-state', state);
    await expect(toggle).toBeDisabled();
  }
});

/** Delivers a message as the browser does when its push service has one. */
async function pusher(page: Page, demo: Demo) {
  const session = await page.context().newCDPSession(page);
  const registered = new Promise<string>((resolve) =>
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => registrations[0] && resolve(registrations[0].registrationId)),
  );
  await session.send('ServiceWorker.enable');
  const registrationId = await registered;
  return (data: object) => session.send('ServiceWorker.deliverPushMessage', { origin: demo.inbox, registrationId, data: JSON.stringify(data) });
}

test('a notice is shown, one for each conversation, and goes when it was read', async ({ page, context, demo, playwright }) => {
  await context.grantPermissions(['notifications'], { origin: demo.inbox });
  await signIn(page, demo, maya);
  await controlled(page);
  const api = async <T>(method: 'get' | 'post', path: string, data?: object) => (await (await page.request[method](`${demo.inbox}/api/v1${path}`, data ? { data } : {})).json()) as T;
  const colleague = await playwright.request.newContext({ baseURL: demo.inbox });
  await colleague.post('/api/v1/auth/login', { data: { email: 'yoav@demo.wasl.example', password: demo.password } });
  const me = await api<{ user: { id: string } }>('get', '/me');
  const { items: waiting } = await api<{ items: { id: string }[] }>('get', '/conversations?limit=2');
  for (const { id } of waiting) expect((await colleague.post(`/api/v1/conversations/${id}/messages`, { data: { type: 'note', text: 'look', mentions: [me.user.id], client_id: id } })).status()).toBeLessThan(300);
  const { items } = await api<{ items: { id: string; conversation_id?: string; kind: string }[] }>('get', '/notifications?unread=true');
  const [one, ...others] = items;
  if (!one) throw new Error('a mention is told of');
  const push = await pusher(page, demo);
  const shown = () => page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body, tag }) => `${title}|${body}|${tag}`));
  const told = { id: one.id, kind: 'sla_breached', metric: 'next_answer', at: new Date().toISOString(), language: 'en', conversation_id: 'cnv_1' };
  await push(told);
  await expect.poll(shown).toEqual(['An answer is late||cnv_1']);
  await push({ ...told, id: others[0]?.id ?? 'ntf_unknown', kind: 'assigned' });
  await expect.poll(shown).toEqual(['A conversation was given to you|2 notices|cnv_1']);
  await api('post', '/notifications/read', { all: true });
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.postMessage({ type: 'read' }));
  await expect.poll(shown).toEqual([]);
});
