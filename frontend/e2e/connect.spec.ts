import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { type Demo, expect, startFresh, test as base } from './demo';

// A new user's first day: every kind of channel is connected through the interface, with what the provider's pages show, is told to
// the provider, and takes its first message.

interface Account {
  kind: string;
  id: string;
  credentials: { name: string; value: string }[];
}

const test = base.extend<object, { fresh: Demo }>({
  fresh: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants to see that nothing else is needed
    async ({}, use) => {
      const fresh = await startFresh();
      await use(fresh);
      await fresh.stop();
    },
    { scope: 'worker' },
  ],
});

/** The owner, signed in by the form, at the page of new channels. */
async function owner(page: Page, fresh: Demo, path: string): Promise<void> {
  await page.goto(fresh.inbox + path);
  await page.getByTestId('login-email').fill('owner@example.com');
  await page.getByTestId('login-password').fill(fresh.password);
  await page.getByTestId('login-submit').click();
}

for (const [kind, text] of [
  ['whatsapp', 'Hello over WhatsApp'],
  ['messenger', 'Hello over Messenger'],
  ['instagram', 'Hello over Instagram'],
  ['sms', 'Hello over SMS'],
  ['email', 'Hello by mail'],
] as const) {
  test(`${kind} is connected and takes its first message`, async ({ page, request, fresh }) => {
    const { accounts } = (await (await request.get(`${fresh.phones}/_sandbox/state`)).json()) as { accounts: Account[] };
    const account = accounts.find((a) => a.kind === kind)!;
    await owner(page, fresh, '/settings/channels/new');
    await page.getByTestId(`connect-${kind}`).click();
    await page.getByTestId('channel-save').click();
    await expect(page.getByText('This is needed').first()).toBeVisible();
    await page.getByTestId('channel-name').fill('Our first');
    for (const { name, value } of account.credentials) {
      const field = page.getByTestId(`channel-${name}`);
      if ((await field.count()) > 0) await field.fill(value);
    }
    await page.locator('summary').click();
    await page.getByTestId('channel-api_base_url').fill(fresh.phones);
    await page.getByTestId('channel-save').click();

    // What is shown is given to the provider as it is shown.
    await expect(page.getByTestId('channel-first-message')).not.toHaveAttribute('data-done');
    const shown = async (label: string) => ((await page.getByLabel(label, { exact: true }).count()) > 0 ? page.getByLabel(label, { exact: true }).inputValue() : undefined);
    const url = (await shown('Webhook address')) ?? (await shown('Inbound address'));
    expect(url).toContain(`/webhooks/${kind}/`);
    const told = { url, verify_token: await shown('Verify token'), reports: await shown('Address for events') };
    const answer = await request.post(`${fresh.phones}/_sandbox/accounts/${encodeURIComponent(account.id)}/callback`, { data: told });
    expect(answer.status(), await answer.text()).toBe(200);
    await page.getByTestId('channel-check').click();
    await expect(page.getByTestId('channel-check-result')).toHaveText(/The provider answers/);

    const mail = kind === 'email' ? { mail: { subject: 'First' }, type: 'mail' } : { type: 'text' };
    const said = await request.post(`${fresh.phones}/_sandbox/phones/olivia-grant/messages`, { data: { account: account.id, text, ...mail } });
    expect(said.ok(), await said.text()).toBe(true);
    await expect(page.getByTestId('channel-first-message')).toHaveAttribute('data-done', 'true');
    await page.getByRole('link', { name: 'Go to the inbox' }).click();
    await page.getByTestId('conversation-row').filter({ hasText: text }).click();
    await expect(page.getByTestId('message').filter({ hasText: text })).toHaveAttribute('data-direction', 'in');
  });
}

test('the chat of a website is connected and takes its first message', async ({ page, context, fresh }) => {
  let line = '';
  const shop = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end(`<!doctype html><title>Shop</title><h1>Shop</h1>${line}`));
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
  await owner(page, fresh, '/settings/channels/website');
  await page.getByTestId('channel-name').fill('Our shop');
  await page.getByTestId('channel-origins').fill(address);
  await page.getByTestId('channel-save').click();
  line = await page.getByRole('textbox', { name: 'Paste this line into every page of the website' }).inputValue();
  const site = await context.newPage();
  await site.goto(address);
  await site.getByTestId('widget-button').click();
  await site.getByTestId('widget-input').fill('Hello from the shop');
  await site.getByTestId('widget-input').press('Enter');
  await page.goto(`${fresh.inbox}/inbox`);
  await page.getByTestId('conversation-row').filter({ hasText: 'Hello from the shop' }).click();
  await expect(page.getByTestId('message').filter({ hasText: 'Hello from the shop' })).toHaveAttribute('data-direction', 'in');
  await site.close();
  shop.close();
});
