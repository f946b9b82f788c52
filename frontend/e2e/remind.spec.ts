import { expect, signIn, test } from './demo';

test.describe.configure({ timeout: 120_000 });

// Layla promises in the customer's language, confirms with one key while the text has the focus, and takes the reminder back.
test('a promise becomes a reminder with one key, also on a second screen', async ({ browser, demo }) => {
  const context = await browser.newContext({ locale: 'he' });
  const [page, second] = [await context.newPage(), await context.newPage()];
  await signIn(page, demo, 'layla@demo.wasl.example');
  const answer = await page.request.get(`${demo.inbox}/api/v1/conversations?status=open&limit=100`);
  const { items } = (await answer.json()) as { items: { id: string; channel_kind: string; window: { open: boolean } }[] };
  const open = items.find((c) => c.channel_kind === 'whatsapp' && c.window.open);
  const at = `${demo.inbox}/inbox/${open?.id ?? ''}`;
  for (const p of [page, second]) await p.goto(at);

  const input = page.getByTestId('composer-input');
  await input.fill('תודה! אחזור אליך מחר בבוקר.');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('promise')).toContainText('אחזור אליך מחר בבוקר');
  await expect(input).toBeFocused();
  await page.keyboard.press('Alt+KeyM');
  await expect(page.getByTestId('promise')).toHaveCount(0);
  for (const p of [page, second]) await expect(p.getByTestId('reminder')).toContainText('אחזור אליך מחר בבוקר');
  await second.getByTestId('reminder').getByRole('button').click();
  for (const p of [page, second]) await expect(p.getByTestId('reminder')).toHaveCount(0);
  await context.close();
});
