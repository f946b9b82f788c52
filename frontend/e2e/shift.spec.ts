/** What one shift in a real browser found, each fault as the agent met it. */
import type { Page } from '@playwright/test';
import { expect, prefer, test } from './fake';

/** The part of the page that has the focus. */
const focusAt = (page: Page) =>
  page.evaluate(() => {
    const el = document.activeElement;
    if (!el || el === document.body) return 'lost';
    return el.closest('[data-testid="voice-bar"]') ? 'recording' : el.id;
  });

test.beforeEach(async ({ page, gateway }) => {
  gateway.signedIn = true;
  await prefer(page, 'en');
});

test('after Send by the mouse the caret is back in the composer, and letters are text', async ({ page, gateway }) => {
  await page.goto('/inbox/cnv_0');
  await page.getByTestId('composer-input').fill('on its way');
  await page.getByTestId('composer-send').click();
  await expect.poll(() => focusAt(page)).toBe('composer-input');
  await page.keyboard.type('ever');
  await expect(page.getByTestId('composer-input')).toHaveValue('ever');
  expect(gateway.conversations.find((c) => c.id === 'cnv_0')?.status).toBe('open');
});

test('after Retry the caret is in the composer', async ({ page, gateway }) => {
  await page.goto('/inbox/cnv_0');
  await expect(page.getByTestId('message').first()).toBeVisible({ timeout: 15_000 });
  gateway.failures.push({ path: /\/messages$/, status: 422, body: { code: 'window_closed', title: 'The window is closed' } });
  await page.getByTestId('composer-input').fill('try me');
  await page.keyboard.press('Enter');
  await page.getByTestId('message-retry').click();
  await expect.poll(() => focusAt(page)).toBe('composer-input');
});

test('letters do nothing where the focus was lost, while a voice message is recorded, and in a dialog', async ({ page, gateway }) => {
  gateway.channels[0]?.capabilities.media.push({ kind: 'voice', mime: ['audio/ogg'], max_bytes: 1_000_000, no_caption: true });
  await page.addInitScript(() => {
    const silence = async () => new AudioContext().createMediaStreamDestination().stream;
    Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia: silence } });
  });
  await page.goto('/inbox/cnv_0');
  await page.getByTestId('composer-voice').click();
  await expect.poll(() => focusAt(page)).toBe('recording');
  await page.keyboard.type('ever');
  await page.getByTestId('thread').focus();
  await page.keyboard.type('ever');
  await page.getByTestId('voice-bar').getByRole('button').first().click();
  await expect.poll(() => focusAt(page)).toBe('composer-input');
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  expect(await focusAt(page)).toBe('lost');
  await page.keyboard.type('ever');
  expect(gateway.conversations.find((c) => c.id === 'cnv_0')?.status).toBe('open');
  await expect(page.getByTestId('resolve')).toBeVisible();
});

test('after a time to snooze until was asked for, the focus is in the conversation', async ({ page }) => {
  await page.goto('/inbox/cnv_0');
  await page.getByTestId('snooze-menu').click();
  await page.getByRole('menuitem', { name: 'Another time' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect.poll(() => focusAt(page)).toBe('thread');
});

test('a click that comes while the list still scrolls opens its row', async ({ page }) => {
  await page.goto('/inbox');
  const row = page.getByTestId('conversation-row').nth(3);
  await expect(row).toBeVisible();
  const under = await page.getByTestId('conversation-row').first().evaluate(async (first) => {
    const scroller = first.closest('[role="list"]') as HTMLElement;
    scroller.scrollTop = 300;
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    const { x, y, width } = scroller.getBoundingClientRect();
    return !!document.elementFromPoint(x + width / 2, y + 200)?.closest('[data-testid="conversation-row"]');
  });
  expect(under).toBe(true);
});

test('a conversation that was opened without a line loads by itself when the line is back', async ({ page, gateway }) => {
  await page.goto('/inbox');
  await expect(page.getByTestId('conversation-row').nth(5)).toBeVisible();
  await gateway.dropLine();
  await page.getByTestId('conversation-row').nth(5).click();
  await expect(page.locator('main').getByRole('alert')).toBeVisible();
  gateway.cut = false;
  await expect(page.getByTestId('conn-banner')).toBeHidden();
  await expect(page.getByTestId('message').first()).toBeVisible();
  await expect(page.locator('main').getByRole('alert')).toHaveCount(0);
  await expect(page.locator('aside').getByText('+972 50-123-4567').first()).toBeVisible();
});

test('the list says of a refused message what its bubble says', async ({ page, gateway }) => {
  await page.goto('/inbox/cnv_0');
  await expect(page.getByTestId('message').first()).toBeVisible();
  gateway.failures.push({ path: /\/messages$/, status: 422, body: { code: 'window_closed', title: 'The window is closed' } });
  await page.getByTestId('composer-input').fill('try me');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('message').filter({ hasText: 'try me' })).toHaveAttribute('data-status', 'failed');
  const row = page.locator('[data-conversation-id="cnv_0"]');
  await expect(row).toContainText('try me');
  await expect(row.getByRole('img', { name: 'Failed' })).toBeVisible();
});

test('resolving goes on to the next conversation, and Undo comes back', async ({ page, gateway }) => {
  await page.goto('/inbox/cnv_2');
  await page.getByTestId('resolve').click();
  await expect(page).toHaveURL(/\/inbox\/cnv_3/);
  await expect(page.getByTestId('composer-input')).toBeFocused();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page).toHaveURL(/\/inbox\/cnv_2/);
  await expect.poll(() => gateway.conversations.find((c) => c.id === 'cnv_2')?.status).toBe('open');
});

test('rows say who waits, for how long, and whose they are; the list is asked by that', async ({ page }) => {
  await page.goto('/inbox');
  const row = (id: string) => page.locator(`[data-testid="conversation-row"][data-conversation-id="${id}"]`);
  await expect(row('cnv_1').getByTestId('row-waiting')).toHaveText(/Waiting for an answer for 10 min/);
  await expect(row('cnv_2').getByTestId('row-waiting')).toHaveCount(0);
  await expect(row('cnv_2').getByTestId('row-assignee')).toHaveAttribute('aria-label', 'Assigned to Omar Haddad');
  await expect(row('cnv_1').getByTestId('row-assignee')).toHaveCount(0);
  await page.getByTestId('filter-agent').click();
  await page.getByTestId('filter-agent-usr_2').click();
  await expect(page).toHaveURL(/agent=usr_2/);
  await expect(row('cnv_1')).toHaveCount(0);
  await page.getByTestId('filter-clear').click();
  await page.getByTestId('sort-menu').click();
  await page.getByRole('menuitem', { name: 'Longest waiting first' }).click();
  await expect(page).toHaveURL(/sort=waiting/);
});

test('what is marked unread is left, and is bold in the list', async ({ page, gateway }) => {
  await page.goto('/inbox/cnv_0');
  await expect(page.getByTestId('message').first()).toBeVisible();
  await page.getByTestId('thread').focus();
  await page.keyboard.press('u');
  await expect(page).toHaveURL(/\/inbox$/);
  await expect.poll(() => gateway.conversations.find((c) => c.id === 'cnv_0')?.unread_count).toBe(1);
  await expect(page.locator('[data-conversation-id="cnv_0"]')).toHaveAttribute('data-unread', 'true');
});

test('a menu of channels names their kinds first', async ({ page }) => {
  await page.goto('/inbox');
  await page.getByTestId('filter-channel').click();
  await expect(page.getByRole('menuitem').nth(1)).toHaveText(/^WhatsApp · .Sales line/);
});

test('many conversations are selected by box, range and key, and the same is done to all, with its progress', async ({ page, gateway }) => {
  await page.goto('/inbox');
  const row = page.getByTestId('conversation-row');
  const boxes = page.getByTestId('row-select');
  await row.nth(1).hover();
  await boxes.nth(1).click();
  await boxes.nth(3).click({ modifiers: ['Shift'] });
  await expect(page.getByTestId('bulk-bar')).toContainText('3 selected');
  await row.nth(5).focus();
  await page.keyboard.press('x');
  await expect(page.getByTestId('bulk-bar')).toContainText('4 selected');
  await page.getByTestId('bulk-priority').click();
  await page.getByTestId('bulk-priority-high').click();
  await expect(page.getByTestId('bulk-progress')).toContainText('1 of 4');
  expect(gateway.bulks).toEqual([{ ids: ['cnv_1', 'cnv_2', 'cnv_3', 'cnv_5'], actions: [{ action: 'set_priority', priority: 'high' }] }]);
  gateway.event('job.updated', { ...gateway.job, state: 'done', done: 4, refused: 1, errors: [{ id: 'cnv_3', code: 'not_found', title: 'Not found' }] });
  await expect(page.getByTestId('bulk-progress')).toHaveCount(0);
  await expect(page.getByText('3 conversations changed. 1 could not be changed')).toBeVisible();
  // All in view, and Escape lets go.
  await row.nth(0).focus();
  await page.keyboard.press('x');
  await page.getByTestId('bulk-all').click();
  await expect(page.getByTestId('bulk-bar')).toContainText('50 selected');
  await row.nth(0).focus();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('bulk-bar')).toHaveCount(0);
});
