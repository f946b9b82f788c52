import { expect, signIn, test } from './demo';

// The main job on every other kind of channel: a customer writes in an app of the phone, the agent answers in the inbox, and the
// phone shows the answer.

test.describe.configure({ mode: 'default', timeout: 180_000 });

for (const [kind, language, user, key, question, answer, status] of [
  ['messenger', 'en', 'daniel@demo.wasl.example', 'olivia-grant', 'Where do I find lesson four?', 'Under Recordings, at the top.', 'read'],
  ['instagram', 'he', 'yoav@demo.wasl.example', 'tamar-golan', 'יש עוד מקום בקורס של מרץ?', 'כן, נשארו שלושה מקומות', 'read'],
  ['sms', 'ar', 'layla@demo.wasl.example', 'karim-saleh', 'متى تبدأ ورشة يوم الثلاثاء؟', 'الساعة السادسة مساءً', 'delivered'],
] as const) {
  test(`a customer writes by ${kind} and reads the answer`, async ({ browser, demo }) => {
    const context = await browser.newContext({ locale: language });
    const [agent, page] = [await context.newPage(), await context.newPage()];
    await signIn(agent, demo, user);
    await page.goto(`${demo.phones}/#${key}`);
    const phone = page.getByTestId(`phone-${key}`);
    await phone.getByTestId(`app-${kind}`).click();
    await phone.getByTestId('phone-input').fill(question);
    await phone.getByTestId('phone-send').click();

    await agent.getByTestId('conversation-row').filter({ hasText: question.slice(0, 12) }).first().click();
    await expect(agent.getByTestId('message').filter({ hasText: question })).toHaveAttribute('data-direction', 'in');
    await agent.getByTestId('composer-input').fill(answer);
    await agent.getByTestId('composer-send').click();
    await expect(phone.getByTestId('phone-message').filter({ hasText: answer })).toBeVisible();
    await expect(agent.getByTestId('message').filter({ hasText: answer })).toHaveAttribute('data-status', status);
    await context.close();
  });
}

test('a customer writes a mail and reads the answer in the same thread', async ({ browser, demo }) => {
  const context = await browser.newContext({ locale: 'en' });
  const [agent, page] = [await context.newPage(), await context.newPage()];
  await signIn(agent, demo, 'daniel@demo.wasl.example');
  await page.goto(`${demo.phones}/#emma-brown`);
  const phone = page.getByTestId('phone-emma-brown');
  await phone.getByTestId('app-email').click();
  await phone.getByTestId('mail-new').click();
  await phone.getByTestId('mail-subject').fill('Lost my password');
  await phone.getByTestId('mail-body').fill('Hello,\nI cannot sign in any more.');
  await phone.getByTestId('mail-send').click();

  await agent.getByTestId('conversation-row').filter({ hasText: 'I cannot sign in any more.' }).first().click();
  await expect(agent.getByTestId('message').filter({ hasText: 'I cannot sign in any more.' })).toHaveAttribute('data-direction', 'in');
  await agent.getByTestId('composer-input').fill('We have sent you a new one.');
  await agent.getByTestId('composer-send').click();
  const answer = phone.locator('[data-testid=phone-message][data-from=business]');
  await expect(answer).toContainText('Re: Lost my password');
  await expect(answer).toHaveAttribute('data-text', /We have sent you a new one\./);

  await answer.getByTestId('mail-reply').click();
  await phone.getByTestId('mail-body').fill('It works, thank you!');
  await phone.getByTestId('mail-send').click();
  await expect(agent.getByTestId('message').filter({ hasText: 'It works, thank you!' })).toHaveAttribute('data-direction', 'in');
  await context.close();
});

test('an unsent message of Instagram is gone on both sides', async ({ browser, demo }) => {
  const context = await browser.newContext({ locale: 'en' });
  const [agent, page] = [await context.newPage(), await context.newPage()];
  await signIn(agent, demo, 'daniel@demo.wasl.example');
  await page.goto(`${demo.phones}/#olivia-grant`);
  const phone = page.getByTestId('phone-olivia-grant');
  await phone.getByTestId('app-instagram').click();
  await phone.getByTestId('phone-input').fill('a secret by mistake');
  await phone.getByTestId('phone-send').click();
  await agent.getByTestId('conversation-row').filter({ hasText: 'a secret by mistake' }).first().click();
  const bubble = phone.getByTestId('phone-message').filter({ hasText: 'a secret by mistake' });
  await expect(agent.getByTestId('message').filter({ hasText: 'a secret by mistake' })).toBeVisible();
  await bubble.hover();
  await bubble.getByTestId('message-menu').click();
  await page.getByTestId('message-delete').click();
  await expect(agent.getByTestId('message').filter({ hasText: 'a secret by mistake' })).toHaveCount(0);
  await context.close();
});

test('a channel tests itself and refuses credentials that do not work', async ({ browser, demo }) => {
  const context = await browser.newContext({ locale: 'en' });
  const admin = await context.newPage();
  await signIn(admin, demo, 'maya@demo.wasl.example');
  await admin.goto(`${demo.inbox}/settings/channels`);
  await admin.getByTestId('channel-row').filter({ hasText: 'Messenger' }).click();
  await admin.getByTestId('channel-check').click();
  await expect(admin.getByTestId('channel-check-result')).toHaveAttribute('role', 'status');
  await admin.getByTestId('channel-page_access_token').fill('a-wrong-token');
  await admin.getByTestId('channel-page_access_token').press('Enter');
  await expect(admin.getByText('keeps its present credentials')).toBeVisible();
  await admin.getByTestId('channel-check').click();
  await expect(admin.getByTestId('channel-check-result')).toHaveAttribute('role', 'status');
  await context.close();
});
