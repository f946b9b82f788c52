import type { Page } from '@playwright/test';
import { expect, signIn, test } from './demo';

// The main job, with nothing between the browser and the provider's side left out: a customer types on a phone, the agent
// sees it live and answers, the phone shows the answer and the ticks move.

test.describe.configure({ mode: 'serial', timeout: 180_000 });

const say = async (phone: Page, key: string, text: string) => {
  const device = phone.getByTestId(`phone-${key}`);
  await device.getByTestId('phone-input').fill(text);
  await device.getByTestId('phone-send').click();
};

for (const [language, direction, user, key, customer, question, answer] of [
  ['en', 'ltr', 'daniel@demo.wasl.example', 'rami-nasser', 'Rami Nasser', 'Is there a lesson tonight?', 'Yes, at 19:00. See you there!'],
  ['he', 'rtl', 'yoav@demo.wasl.example', 'noa-levi', 'Noa Levi', 'מתי השיעור הבא? מספר הזמנה INV-2026-00871', 'ביום ראשון ב-19:00'],
  ['ar', 'rtl', 'layla@demo.wasl.example', 'sara-khalil', 'سارة خليل', 'هل وصلت الدفعة؟ رقمي ‎+971 50 555 0162', 'نعم، وصلت. شكرًا سارة!'],
] as const) {
  test(`a customer writes and reads the answer: ${language}`, async ({ browser, demo }) => {
    const context = await browser.newContext({ locale: language });
    const [agent, phone] = [await context.newPage(), await context.newPage()];
    await signIn(agent, demo, user);
    await expect(agent.locator('html')).toHaveAttribute('dir', direction);
    await expect(agent.locator('html')).toHaveAttribute('lang', language);
    await expect(async () => { // other tests write to the same demo: a row that moves between press and release is pressed again
      await agent.getByTestId('conversation-row').filter({ hasText: customer }).click();
      await expect(agent.getByTestId('composer-input')).toBeFocused({ timeout: 3000 });
    }).toPass();

    await phone.goto(`${demo.phones}/#${key}`);
    const typed = Date.now();
    await say(phone, key, question);
    const received = agent.getByTestId('message').filter({ hasText: question.slice(0, 18) });
    await expect(received).toHaveAttribute('data-direction', 'in');
    process.stdout.write(`${language}: from the phone's key to the agent's screen ${Date.now() - typed} ms\n`);

    await agent.getByTestId('composer-input').fill(answer);
    await agent.getByTestId('composer-send').click();
    const sent = agent.getByTestId('message').filter({ hasText: answer });
    await expect(phone.getByTestId(`phone-${key}`).getByTestId('phone-message').filter({ hasText: answer })).toBeVisible();
    await expect(sent).toHaveAttribute('data-status', 'read');
    await expect(agent.getByTestId('composer-input')).toHaveValue('');
    await context.close();
  });
}

test('a restart keeps everything, and the open inbox comes back by itself', async ({ browser, demo }) => {
  const context = await browser.newContext({ locale: 'en' });
  const [agent, phone] = [await context.newPage(), await context.newPage()];
  await signIn(agent, demo, 'daniel@demo.wasl.example');
  await agent.getByTestId('conversation-row').filter({ hasText: 'Rami Nasser' }).click();
  const before = agent.getByTestId('message').filter({ hasText: 'Is there a lesson tonight?' });
  await expect(before).toBeVisible();
  await demo.restart();
  await phone.goto(`${demo.phones}/#rami-nasser`);
  await say(phone, 'rami-nasser', 'Are you still there?');
  await expect(agent.getByTestId('message').filter({ hasText: 'Are you still there?' })).toBeVisible({ timeout: 60_000 });
  await agent.reload();
  await expect(before).toBeVisible();
  await context.close();
});
