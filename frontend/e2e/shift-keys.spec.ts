/** Work without a mouse, on a Hebrew keyboard, against the real gateway: an agent opens, answers, notes and sorts a conversation without leaving the text field. */
import { expect, signIn, test } from './demo';
import { pressHebrew } from './hebrew';

test.describe.configure({ timeout: 180_000 });

interface Listed {
  id: string;
  channel_kind: string;
  status: string;
  window: { open: boolean };
  labels: string[];
  assignee_id: string | null;
  priority: string;
  type: string;
}

test('a conversation is worked with the keyboard alone, in Hebrew', async ({ browser, demo }) => {
  const context = await browser.newContext({ locale: 'he', viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await context.addInitScript(() => localStorage.setItem('wasl.notify', JSON.stringify({ tested: true })));
  await signIn(page, demo, 'maya@demo.wasl.example');
  const api = async <T = { id: string; items: Listed[] }>(method: 'GET' | 'POST' | 'PATCH', path: string, data?: object): Promise<T> => {
    const answer = await page.request.fetch(`${demo.inbox}/api/v1${path}`, { method, data });
    expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true);
    return (await answer.json()) as T;
  };
  const me = (await api<{ user: { id: string } }>('GET', '/me')).user.id;
  const colleague = (await api<{ items: { id: string; name: string }[] }>('GET', '/users')).items.find((u) => u.id !== me)!;
  await api('POST', '/canned-replies', { shortcut: 'שעות', text: { he: 'אנחנו כאן עד שש.' } });
  await api('POST', '/labels', { name: 'משמרת', colour: 'teal' });
  await api('POST', '/macros', { name: 'בטיפול', hotkey: 'Alt+Digit1', actions: [{ action: 'add_note', text: 'בטיפול' }] });
  const chosen = (await api('GET', '/conversations?status=open&limit=100')).items.filter((c) => c.channel_kind === 'whatsapp' && c.window.open).slice(0, 4);
  expect(chosen).toHaveLength(4);
  for (const c of chosen) await api('PATCH', `/conversations/${c.id}`, { labels: ['משמרת'], priority: 'none', type: 'other' });
  await page.goto(`${demo.inbox}/inbox?label=${encodeURIComponent('משמרת')}`);

  const press = (chord: string) => pressHebrew(page, chord);
  const input = page.getByTestId('composer-input');
  const opened = () => new URL(page.url()).pathname.split('/').at(-1) ?? '';
  const now = (id: string) => api<Listed>('GET', `/conversations/${id}`);
  const last = page.getByTestId('message').last();
  await expect(page.getByTestId('conversation-row')).toHaveCount(4);

  // 1 The first of those that wait, with the caret where the answer is written. 2 An answer.
  await press('Alt+KeyJ');
  await expect(input).toBeFocused();
  const first = opened();
  await press('Control+KeyA'); // over what another test has left there
  await page.keyboard.type('שלום, כבר בודקת');
  await page.keyboard.press('Enter');
  await expect(last).toContainText('כבר בודקת');

  // 3 It is taken back and sent after all.
  await press('Control+KeyZ');
  await expect(input).toHaveValue('שלום, כבר בודקת');
  await page.keyboard.press('Enter');
  await expect(input).toHaveValue('');

  // 4 A note for a colleague.
  await press('Alt+KeyN');
  await page.keyboard.type(`@${colleague.name.slice(0, 3)}`);
  await expect(page.getByTestId('mention-option').first()).toContainText(colleague.name);
  await page.keyboard.press('Enter');
  await page.keyboard.type('מה דעתך?');
  await page.keyboard.press('Enter');
  await expect(last).toContainText(`@${colleague.name} מה דעתך?`);
  const { items: [note] } = await api<{ items: { mentions: string[] }[] }>('GET', `/conversations/${first}/messages?limit=1`);
  expect(note?.mentions).toEqual([colleague.id]);

  // 5 A canned reply. 6 A macro by its key.
  await press('Alt+KeyR');
  await press('Alt+KeyQ');
  await page.keyboard.type('שע');
  await expect(page.getByTestId('canned-option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(input).toHaveValue('אנחנו כאן עד שש.');
  await page.keyboard.press('Enter');
  await expect(last).toContainText('עד שש');
  await page.keyboard.press('Alt+Digit1');
  await expect(last).toContainText('בטיפול');

  // 7 A label. 8 A priority. 9 A type, by the palette. 10 To me. Each gives the caret back.
  await press('Alt+KeyL');
  await expect(page.getByTestId('conversation-labels')).toBeFocused();
  await page.keyboard.type('דחוף');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await now(first)).labels).toContain('דחוף');
  await page.keyboard.press('Escape');
  await expect(input).toBeFocused();
  await press('Alt+KeyP');
  await expect(page.getByTestId('conversation-priority')).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await now(first)).priority).not.toBe('none');
  await expect(input).toBeFocused();
  await press('Control+KeyK');
  await page.getByTestId('palette-input').waitFor();
  await page.keyboard.type('סוג תלונה');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await now(first)).type).toBe('complaint');
  await expect(input).toBeFocused();
  await press('Alt+KeyA');
  await page.getByTestId(`assign-${colleague.id}`).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await now(first)).assignee_id).toBe(me);

  // 11 A template: its first field has the focus.
  await input.focus();
  await press('Alt+KeyH');
  await page.getByTestId('template-dialog').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('template-preview')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('template-dialog')).toHaveCount(0);
  await expect(input).toBeFocused();
  await context.close();
});
