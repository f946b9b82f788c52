import type { Page } from '@playwright/test';
import { type Demo, expect, signIn, test } from './demo';

test.describe.configure({ timeout: 180_000 });

const person = { key: 'petra-novak', name: 'Petra Novak', phone: '420601234567', email: 'petra.novak@example.com', username: '@petra.novak', language: 'en' };
const kinds = ['whatsapp', 'sms', 'messenger', 'instagram', 'email', 'website'] as const;
const text = (kind: string) => `Petra writes by ${kind}`;

/** The person writes on every app of the phone, and in the chat of the website. */
async function write(demo: Demo, phone: Page): Promise<void> {
  const { request } = phone;
  const state = `${demo.phones}/_sandbox`;
  expect((await request.post(`${state}/phones`, { data: person })).ok()).toBe(true);
  const { accounts } = (await (await request.get(`${state}/state`)).json()) as { accounts: { id: string; kind: string; mailbox?: boolean }[] };
  for (const { id, kind } of accounts.filter(({ mailbox }) => !mailbox)) {
    const content = kind === 'email' ? { type: 'mail', mail: { subject: 'A question' } } : { type: 'text' };
    const said = await request.post(`${state}/phones/${person.key}/messages`, { data: { account: id, text: text(kind), ...content } });
    expect(said.ok(), await said.text()).toBe(true);
  }
  await phone.goto(`${demo.phones}/_sandbox/site`);
  await phone.getByTestId('widget-button').click();
  await phone.getByTestId('widget-input').fill(text('website'));
  await phone.getByTestId('widget-input').press('Enter');
}

/** Who each conversation is with, by the last thing that was said in it. */
async function who(agent: Page, demo: Demo): Promise<Record<string, string>> {
  const { items } = (await (await agent.request.get(`${demo.inbox}/api/v1/conversations?limit=200`)).json()) as {
    items: { contact: { id: string }; last_message: { text: string } | null }[];
  };
  const found = kinds.map((kind) => [kind, items.find((c) => c.last_message?.text === text(kind))?.contact.id ?? ''] as const);
  return Object.fromEntries(found);
}

test('one person on six channels is one contact with one timeline, and is separated again exactly', async ({ browser, demo }) => {
  const [inside, outside] = [await browser.newContext({ locale: 'en' }), await browser.newContext({ locale: 'en' })];
  const [agent, phone] = [await inside.newPage(), await outside.newPage()];
  await signIn(agent, demo, 'maya@demo.wasl.example');
  await write(demo, phone);
  await expect.poll(async () => Object.values(await who(agent, demo)).filter(Boolean).length).toBe(6);
  const apart = await who(agent, demo);
  // The same number proves who it is; the others have to be told.
  expect(apart.sms).toBe(apart.whatsapp);
  expect(new Set(Object.values(apart)).size).toBe(5);

  await agent.getByTestId('conversation-row').filter({ hasText: text('whatsapp') }).click();
  const others = kinds.filter((kind) => apart[kind] !== apart.whatsapp);
  for (const [n, kind] of others.entries()) {
    const { name } = (await (await agent.request.get(`${demo.inbox}/api/v1/contacts/${apart[kind]}`)).json()) as { name: string };
    await agent.getByTestId('merge-open').click();
    await agent.getByTestId('merge-search').fill(name);
    await agent.locator(`[data-testid=merge-hit][data-contact-id="${apart[kind]}"]`).click();
    await agent.getByTestId('merge-confirm').click();
    await expect(agent.getByTestId('merged-from')).toHaveCount(n + 1);
  }
  expect(new Set(Object.values(await who(agent, demo)))).toEqual(new Set([apart.whatsapp]));
  await agent.getByTestId('said-all').click();
  for (const kind of kinds) await expect(agent.getByTestId('message').filter({ hasText: text(kind) })).toHaveCount(1);

  for (let left = others.length; left > 0; left--) {
    await agent.getByTestId('separate').first().click();
    await expect(agent.getByTestId('merged-from')).toHaveCount(left - 1);
  }
  await expect.poll(() => who(agent, demo)).toEqual(apart);
  for (const kind of others) await expect(agent.getByTestId('message').filter({ hasText: text(kind) })).toHaveCount(0);
  for (const kind of ['whatsapp', 'sms']) await expect(agent.getByTestId('message').filter({ hasText: text(kind) })).toHaveCount(1);
  await inside.close();
  await outside.close();
});

test('somebody who has not written yet is written to first', async ({ page, demo }) => {
  const fresh = { key: 'ota-benes', name: 'Ota Benes', phone: '420601234999', language: 'en' };
  expect((await page.request.post(`${demo.phones}/_sandbox/phones`, { data: fresh })).ok()).toBe(true);
  await signIn(page, demo, 'maya@demo.wasl.example');
  await page.getByTestId('customer-new').click();
  await page.getByTestId('new-name').fill(fresh.name);
  await page.getByTestId('new-phone').fill('+420 601 234 999');
  await page.getByTestId('new-channel').click();
  await page.getByRole('option', { name: /SMS/ }).click();
  await page.getByTestId('new-begin').click();
  await page.getByTestId('composer-input').fill('Welcome, Ota');
  await page.getByTestId('composer-input').press('Enter');
  await expect(page.getByTestId('message').filter({ hasText: 'Welcome, Ota' })).toHaveCount(1);
  await expect.poll(async () => (await page.request.get(`${demo.phones}/_sandbox/phones/${fresh.key}/messages`)).text()).toContain('Welcome, Ota');
});
