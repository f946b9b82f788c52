import type { Browser, Page } from '@playwright/test';
import { expect, signIn, test, type Demo } from './demo';

// No two answers by accident, and nothing sent too soon: two agents' browsers and the customer's phone, on the real product.

test.describe.configure({ mode: 'serial', timeout: 180_000 });

const customer = 'Rami Nasser';
const phoneKey = 'rami-nasser';

async function openAs(browser: Browser, demo: Demo, user: string): Promise<Page> {
  const page = await (await browser.newContext({ locale: 'en' })).newPage();
  await signIn(page, demo, `${user}@demo.wasl.example`);
  await expect(async () => {
    await page.getByTestId('conversation-row').filter({ hasText: customer }).click();
    await expect(page.getByTestId('composer-input')).toBeFocused({ timeout: 3000 });
  }).toPass();
  return page;
}

async function phoneOf(browser: Browser, demo: Demo): Promise<Page> {
  const phone = await (await browser.newContext({ locale: 'en' })).newPage();
  await phone.goto(`${demo.phones}/#${phoneKey}`);
  return phone;
}

const device = (phone: Page) => phone.getByTestId(`phone-${phoneKey}`);
const says = async (phone: Page, text: string) => {
  await device(phone).getByTestId('phone-input').fill(text);
  await device(phone).getByTestId('phone-send').click();
};
const field = (page: Page) => page.getByTestId('composer-input');
const arrived = (phone: Page, text: string) => device(phone).getByTestId('phone-message').filter({ hasText: text });

test('what was just sent is taken back with one key, and never leaves', async ({ browser, demo }) => {
  const [agent, phone] = [await openAs(browser, demo, 'daniel'), await phoneOf(browser, demo)];
  await field(agent).fill('Hello David,');
  await field(agent).press('Enter');
  await expect(agent.getByTestId('undo-bar')).toBeVisible();
  await expect(field(agent)).toBeFocused();
  await field(agent).press('Control+z');
  await expect(field(agent)).toHaveValue('Hello David,');
  await expect(field(agent)).toBeFocused();
  await expect(agent.getByTestId('message').filter({ hasText: 'Hello David,' })).toHaveCount(0);
  await field(agent).fill('Hello Rami, the class begins at 19:00.');
  await field(agent).press('Enter');
  await expect(arrived(phone, 'the class begins at 19:00')).toBeVisible();
  await expect(arrived(phone, 'Hello David')).toHaveCount(0);
  await expect(agent.getByTestId('undo-bar')).toBeHidden();
});

test('a message is scheduled, shown to colleagues only, edited, and sent now', async ({ browser, demo }) => {
  const [agent, colleague, phone] = [await openAs(browser, demo, 'daniel'), await openAs(browser, demo, 'maya'), await phoneOf(browser, demo)];
  await field(agent).fill('Good morning, your place is kept.');
  await agent.getByTestId('send-later').click();
  await agent.getByTestId('later-hour').click();
  await expect(agent.getByTestId('scheduled')).toContainText('your place is kept');
  await expect(colleague.getByTestId('scheduled')).toContainText('your place is kept');
  await agent.getByTestId('scheduled-edit').click();
  await expect(field(agent)).toHaveValue('Good morning, your place is kept.');
  await expect(field(agent)).toBeFocused();
  await expect(colleague.getByTestId('scheduled')).toHaveCount(0);
  await agent.getByTestId('send-later').click();
  await agent.getByTestId('later-hour').click();
  await expect(arrived(phone, 'your place is kept')).toHaveCount(0);
  await agent.getByTestId('scheduled-now').click();
  await expect(arrived(phone, 'your place is kept')).toHaveCount(1);
  await expect(agent.getByTestId('message').filter({ hasText: 'your place is kept' })).toBeVisible();
});

test('two agents answer at once: the second is shown what the first wrote, and sends only when they want to', async ({ browser, demo }) => {
  const [agent, colleague, phone] = [await openAs(browser, demo, 'daniel'), await openAs(browser, demo, 'maya'), await phoneOf(browser, demo)];
  await says(phone, 'Can I pay later?');
  for (const page of [agent, colleague]) await expect(page.getByTestId('message').filter({ hasText: 'Can I pay later?' })).toBeVisible();
  await field(agent).fill('Yes, until Friday.');
  await colleague.request.post(`${demo.inbox}/api/v1/conversations/${colleague.url().split('/').at(-1)!.split('?')[0]}/messages`, {
    headers: { Origin: demo.inbox }, data: { client_id: `race-${Date.now()}`, type: 'text', text: 'Yes, no hurry.' },
  });
  await field(agent).press('Enter');
  await expect(agent.getByTestId('wrote-again')).toContainText('Yes, no hurry.');
  await expect(field(agent)).toHaveValue('Yes, until Friday.');
  await expect(arrived(phone, 'until Friday')).toHaveCount(0);
  await agent.waitForTimeout(800); // a second Enter within a moment is no yes
  await field(agent).press('Enter');
  await expect(arrived(phone, 'until Friday')).toHaveCount(1);
  await expect(field(agent)).toHaveValue('');
});

test('one person writes at a time: the second sees the text, takes over, and the first keeps theirs', async ({ browser, demo }) => {
  const [agent, colleague] = [await openAs(browser, demo, 'daniel'), await openAs(browser, demo, 'maya')];
  await field(agent).pressSequentially('Dear Rami, about', { delay: 30 });
  await expect(colleague.getByTestId('held')).toContainText('Dear Rami');
  await expect(field(colleague)).not.toBeEditable();
  await agent.waitForTimeout(2500); // the rest of what was typed follows
  await expect(colleague.getByTestId('held')).toContainText('about');
  await colleague.keyboard.press('Alt+KeyT');
  await expect(field(colleague)).toBeEditable();
  await expect(field(colleague)).toBeFocused();
  await field(colleague).pressSequentially('I answer', { delay: 30 });
  await expect(agent.getByTestId('held')).toContainText('I answer');
  await expect(field(agent)).toHaveValue('Dear Rami, about');
  await expect(field(agent)).not.toBeEditable();
  await expect(field(agent)).toBeEditable({ timeout: 40_000 }); // it ends by itself
});
