import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, signIn, test } from './demo';

// A visitor of the company's website and an agent in the inbox, with nothing between them left out. The site has a strict
// Content-Security-Policy and styles of its own, and is of another origin than the inbox.

test.describe.configure({ mode: 'default', timeout: 180_000 });

const said = (page: Page, text: string) => page.getByTestId('widget-message').filter({ hasText: text });

async function write(page: Page, text: string) {
  await page.getByTestId('widget-input').fill(text);
  await page.getByTestId('widget-input').press('Enter');
}

test('the script of the chat is small', () => {
  expect(readFileSync('dist/widget.js.br').length).toBeLessThan(50 * 1024);
});

for (const [language, direction, user, question, answer] of [
  ['en', 'ltr', 'daniel@demo.wasl.example', 'Do you teach adults?', 'Of course, at any age.'],
  ['he', 'rtl', 'yoav@demo.wasl.example', 'כמה עולה שיעור? הטלפון שלי 050-123-4567', 'מ-160 ₪ לשיעור'],
  ['ar', 'rtl', 'layla@demo.wasl.example', 'هل لديكم درس تجريبي؟', 'نعم، الدرس الأول مجاني'],
] as const) {
  test(`a visitor writes, reads the answer, and finds it again: ${language}`, async ({ browser, demo }) => {
    const [inside, outside] = [await browser.newContext({ locale: language }), await browser.newContext({ locale: 'en' })];
    const [agent, visitor] = [await inside.newPage(), await outside.newPage()];
    const complaints: string[] = [];
    visitor.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
    await signIn(agent, demo, user);
    await visitor.goto(`${demo.phones}/_sandbox/site?lang=${language}`);
    await visitor.getByTestId('widget-button').click();
    const panel = visitor.getByTestId('widget-panel');
    await expect(panel).toBeVisible();
    await expect(panel).toHaveCSS('direction', direction);
    await expect(visitor.getByTestId('widget-input')).toBeFocused();
    const typed = Date.now();
    await write(visitor, question);
    await expect(said(visitor, question)).toHaveAttribute('data-status', /received|taken/);

    const row = agent.getByTestId('conversation-row').filter({ hasText: question.slice(0, 14) });
    await row.click();
    process.stdout.write(`${language}: from the visitor's key to the agent's list ${Date.now() - typed} ms\n`);
    await expect(agent.getByTestId('message').filter({ hasText: question })).toHaveAttribute('data-direction', 'in');
    await expect(said(visitor, question)).toHaveAttribute('data-status', 'read');
    await visitor.getByTestId('widget-input').pressSequentially('And then', { delay: 500 });
    await expect(agent.getByTestId('customer-typing')).toBeVisible();
    await visitor.getByTestId('widget-input').fill('');
    await expect(agent.getByTestId('customer-typing')).toBeHidden();
    await agent.getByTestId('composer-input').pressSequentially(answer.slice(0, 4));
    await expect(visitor.getByTestId('widget-typing')).toBeVisible();
    await agent.getByTestId('composer-input').fill(answer);
    await agent.getByTestId('composer-send').click();
    await expect(said(visitor, answer)).toHaveAttribute('data-from', 'us');
    await expect(agent.getByTestId('message').filter({ hasText: answer })).toHaveAttribute('data-status', 'read');

    await visitor.getByTestId('widget-file').setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('do re mi') });
    await expect(agent.getByTestId('message').filter({ hasText: 'notes.txt' })).toBeVisible();

    // Another page of the site: the visitor is the same one, and unread answers are counted while the chat is closed.
    await visitor.goto(`${demo.phones}/_sandbox/site?lang=${language}&theme=dark`);
    await agent.getByTestId('composer-input').fill(`${answer} 2`);
    await agent.getByTestId('composer-send').click();
    await expect(visitor.getByTestId('widget-badge')).toHaveText('1');
    await expect(agent.getByTestId('message').filter({ hasText: `${answer} 2` })).toHaveAttribute('data-status', 'delivered');
    await visitor.getByTestId('widget-button').click();
    await expect(said(visitor, question)).toBeVisible();
    await expect(said(visitor, `${answer} 2`)).toBeVisible();
    await expect(agent.getByTestId('message').filter({ hasText: `${answer} 2` })).toHaveAttribute('data-status', 'read');
    await visitor.keyboard.press('Escape');
    await expect(panel).toBeHidden();
    await expect(visitor.getByTestId('widget-button')).toBeFocused();
    expect(complaints).toEqual([]);
    await visitor.getByTestId('widget-button').click();
    expect((await new AxeBuilder({ page: visitor }).include('#wasl-chat').analyze()).violations.map((v) => [v.id, v.nodes.map((n) => n.html)])).toEqual([]);

    const stranger = await (await browser.newContext()).newPage();
    await stranger.goto(`${demo.phones}/_sandbox/site?lang=${language}`);
    await stranger.getByTestId('widget-button').click();
    await expect(stranger.getByTestId('widget-panel')).toBeVisible();
    await expect(stranger.getByTestId('widget-message')).toHaveCount(0);
    await stranger.context().close();
    await inside.close();
    await outside.close();
  });
}

test('what is written without a connection is sent when there is one again, and nobody is there to answer', async ({ browser, demo }) => {
  const context = await browser.newContext({ locale: 'en', viewport: { width: 390, height: 800 } });
  const visitor = await context.newPage();
  await visitor.goto(`${demo.phones}/_sandbox/site`);
  await visitor.getByTestId('widget-button').click();
  await expect.poll(() => visitor.getByTestId('widget-panel').boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 800 }); // once it has risen
  await visitor.keyboard.press('Tab');
  await expect(visitor.getByTestId('widget-send')).toBeFocused();
  await visitor.keyboard.press('Tab');
  await expect(visitor.getByTestId('widget-close')).toBeFocused();
  await visitor.keyboard.press('Shift+Tab');
  await expect(visitor.getByTestId('widget-send')).toBeFocused();
  await context.setOffline(true);
  await write(visitor, 'written in a tunnel');
  await expect(said(visitor, 'written in a tunnel')).toHaveAttribute('data-status', 'waiting');
  await context.setOffline(false);
  await expect(said(visitor, 'written in a tunnel')).toHaveAttribute('data-status', /received|taken/);
  await expect(visitor.getByTestId('widget-details')).toBeVisible();
  expect((await new AxeBuilder({ page: visitor }).include('#wasl-chat').analyze()).violations.map((v) => [v.id, v.nodes.map((n) => n.html)])).toEqual([]);
  await visitor.getByTestId('widget-name').fill('Dana Levi');
  await visitor.getByTestId('widget-email').fill('dana@example.com');
  await visitor.getByTestId('widget-save').click();
  await expect(visitor.getByTestId('widget-details')).toBeHidden();

  const agent = await context.newPage();
  await agent.setViewportSize({ width: 1440, height: 900 });
  await signIn(agent, demo, 'maya@demo.wasl.example');
  await agent.getByTestId('conversation-row').filter({ hasText: 'Dana Levi' }).click();
  await expect(agent.getByTestId('message').filter({ hasText: 'written in a tunnel' })).toBeVisible();
  await context.close();
});
