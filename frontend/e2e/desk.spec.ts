import { expect, signIn, test } from './demo';

test.describe.configure({ timeout: 120_000 });

test('a canned reply is put in by a slash in Hebrew, and what is not known is filled in before it goes out; a macro runs by its key', async ({ browser, demo }) => {
  const context = await browser.newContext({ locale: 'he' });
  const page = await context.newPage();
  await signIn(page, demo, 'maya@demo.wasl.example');
  const api = async (method: 'GET' | 'POST', path: string, data?: object) => {
    const answer = await page.request.fetch(`${demo.inbox}/api/v1${path}`, { method, data });
    expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true);
    return answer.json() as Promise<{ id: string; items: { id: string; window: { open: boolean }; channel_kind: string; language: string }[] }>;
  };
  await api('POST', '/canned-replies', { shortcut: 'מחיר', text: { he: 'היי {{contact.first_name}}, המחיר הוא {{contact.fields.price}}', en: 'The price is {{contact.fields.price}}' } });
  await api('POST', '/labels', { name: 'e2e-label', colour: 'teal' });
  await api('POST', '/macros', { name: 'סימון', hotkey: 'Alt+KeyB', actions: [{ action: 'add_label', label: 'e2e-label' }, { action: 'add_note', text: 'טופל על ידי {{agent.first_name}}' }] });
  const { items } = await api('GET', '/conversations?status=open&limit=50');
  const conversation = items.find((c) => c.window.open && c.channel_kind === 'whatsapp' && c.language === 'he')!;
  await page.goto(`${demo.inbox}/inbox/${conversation.id}`);
  const input = page.getByTestId('composer-input');
  await input.click();

  // The keys of the list work while the text field has the focus; Enter puts in, it does not send.
  await page.keyboard.type('/מח');
  await expect(page.getByTestId('canned-option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(input).toHaveValue(/^היי (?!\{).+, המחיר הוא \{\{contact\.fields\.price\}\}$/);
  await expect(page.getByTestId('composer-send')).toBeDisabled();
  await page.keyboard.press('Enter');
  await expect(input).not.toHaveValue('');
  // What is missing is selected: typing takes its place.
  await page.keyboard.type('₪250');
  await expect(page.getByTestId('canned-to-fill')).toHaveCount(0);
  await page.getByTestId('composer-send').click();
  await expect(page.getByTestId('message').last()).toContainText('המחיר הוא ₪250');

  // By its place on the keyboard, whatever the layout; also while somebody writes.
  await input.click();
  await page.keyboard.press('Alt+KeyB');
  await expect(page.getByTestId('message').last()).toContainText('טופל על ידי');
  await expect(page.getByTestId('label').filter({ hasText: 'e2e-label' })).toBeVisible();
  await expect(page.getByTestId('activity').last()).toContainText('סימון');
  await context.close();
});

test('what is filtered is kept as a view, and its number changes while somebody else works', async ({ browser, demo }) => {
  const context = await browser.newContext({ locale: 'en' });
  const page = await context.newPage();
  await signIn(page, demo, 'maya@demo.wasl.example');
  const { items } = (await (await page.request.get(`${demo.inbox}/api/v1/conversations?status=open&limit=3`)).json()) as { items: { id: string; labels: string[] }[] };
  const label = async (n: number) => {
    const { id, labels } = items[n]!;
    expect((await page.request.patch(`${demo.inbox}/api/v1/conversations/${id}`, { data: { labels: [...labels, 'e2e-kept'] } })).ok()).toBe(true);
  };
  await label(0);
  await page.goto(`${demo.inbox}/inbox?label=e2e-kept`);
  await page.getByTestId('view-save').click();
  await page.getByTestId('view-name').fill('Kept');
  await page.getByTestId('view-keep').click();
  const chip = page.getByTestId('view').filter({ hasText: 'Kept' });
  await expect(chip.getByTestId('view-count')).toHaveText('1');
  await chip.click();
  await expect(page.getByTestId('conversation-row')).toHaveCount(1);
  await label(1);
  await expect(chip.getByTestId('view-count')).toHaveText('2');
  await expect(page.getByTestId('conversation-row')).toHaveCount(2);
  await context.close();
});
