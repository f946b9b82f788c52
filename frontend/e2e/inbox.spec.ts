import { activitiesOf, ago } from './samples';
import { expect, prefer, test } from './fake';

const rows = '[data-testid="conversation-row"]';

test.beforeEach(async ({ page, gateway }) => {
  gateway.signedIn = true;
  await prefer(page, 'en');
});

test('opening a conversation keeps list and filters, focuses the composer, and tells the address', async ({ page }) => {
  await page.goto('/inbox?view=mine');
  await page.locator(rows).nth(1).click();
  await expect(page).toHaveURL(/\/inbox\/cnv_3\?view=mine/);
  await expect(page.getByTestId('composer-input')).toBeFocused();
  await expect(page.getByTestId('filter-mine')).toHaveAttribute('aria-selected', 'true');
  await expect(page.locator(rows).first()).toBeVisible();
  await page.reload();
  await expect(page.getByTestId('filter-mine')).toHaveAttribute('aria-selected', 'true');
  await expect(page.locator(`${rows}[aria-current="true"]`)).toHaveAttribute('data-conversation-id', 'cnv_3');
});

test('a message is there at once and goes out exactly once over a lost line', async ({ page, gateway }) => {
  await page.goto('/inbox/cnv_0');
  await expect(page.getByTestId('message').first()).toBeVisible();
  await gateway.dropLine();
  await page.getByTestId('composer-input').fill('on my way');
  await page.getByTestId('composer-input').press('Enter');
  const mine = page.getByTestId('message').filter({ hasText: 'on my way' });
  await expect(mine).toHaveCount(1);
  await expect(mine).toHaveAttribute('data-status', 'queued');
  await expect(page.getByTestId('conn-banner')).toContainText('1 message waits');
  gateway.cut = false;
  await page.getByRole('button', { name: 'Try now' }).click();
  await expect(page.getByTestId('conn-banner')).toBeHidden();
  await expect(mine).toHaveAttribute('data-message-id', /^msg_new_/, { timeout: 20_000 });
  expect(gateway.posts.filter((p) => p.text === 'on my way')).toHaveLength(1);
});

test('a conversation with news moves to the top, but never under the pointer', async ({ page, gateway }) => {
  await page.goto('/inbox');
  const first = page.locator(rows).first();
  await expect(first).toHaveAttribute('data-conversation-id', 'cnv_0');
  const news = (i: number, minutes: number) => {
    const c = gateway.conversations[i];
    if (c) gateway.event('conversation.updated', { ...c, unread_count: 3, last_activity_at: ago(minutes), updated_at: ago(minutes) });
  };
  news(5, -1);
  await expect(first).toHaveAttribute('data-conversation-id', 'cnv_5');
  await expect(first.getByLabel('3 unread messages')).toBeVisible();
  await page.locator(rows).nth(2).hover();
  news(6, -2);
  await expect(page.getByRole('button', { name: '1 new conversation' })).toHaveCount(0);
  await expect(page.locator('[data-conversation-id="cnv_6"]')).toHaveAttribute('data-unread', 'true');
  await expect(first).toHaveAttribute('data-conversation-id', 'cnv_5');
  await page.mouse.move(900, 400);
  await expect(first).toHaveAttribute('data-conversation-id', 'cnv_6');
});

test('the keyboard goes through the list, opens and resolves, on any layout', async ({ page }) => {
  await page.goto('/inbox');
  await expect(page.locator(rows).first()).toBeVisible();
  await page.keyboard.press('KeyJ');
  await page.keyboard.press('KeyJ');
  await expect(page.locator(rows).nth(1)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('composer-input')).toBeFocused();
  await page.keyboard.press('KeyE');
  await expect(page.getByTestId('composer-input')).toHaveValue('e');
  await page.getByTestId('composer-input').fill('');
  const opened = page.url();
  await page.keyboard.press('Escape');
  await page.keyboard.press('KeyE');
  await expect(page).not.toHaveURL(opened);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page).toHaveURL(opened);
  await expect(page.getByTestId('resolve')).toBeVisible();
});

test('search looks through all history and opens the message that was found', async ({ page }) => {
  await page.goto('/inbox/cnv_2');
  await expect(page.getByTestId('composer-input')).toBeFocused();
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await page.keyboard.press('Slash');
  await expect(page.getByTestId('search-input')).toBeFocused();
  await page.keyboard.type('48213');
  await page.getByTestId('search-hit').first().click();
  await expect(page).toHaveURL(/message=msg_/);
  await expect(page.getByTestId('search-hit').first()).toBeVisible();
});

test('a refused change is taken back and said', async ({ page, gateway }) => {
  await page.goto('/inbox/cnv_0');
  await expect(page.getByTestId('message').first()).toBeVisible();
  gateway.failures.push({ path: /\/conversations\/cnv_0$/, status: 503, body: { code: 'store_unavailable', title: 'x', request_id: 'req_7' } });
  await page.getByTestId('resolve').click();
  await expect(page.getByText('Request req_7')).toBeVisible();
  await expect(page.getByTestId('resolve')).toBeVisible();
  await page.getByRole('button', { name: 'Retry' }).click();
  await expect(page.getByTestId('reopen')).toBeVisible();
});

test('colleagues who look or type are shown, and the customer’s typing too', async ({ page, gateway }) => {
  await page.goto('/inbox/cnv_0');
  await expect(page.getByTestId('composer-input')).toBeVisible();
  gateway.signal('viewing', { conversation_id: 'cnv_0', user_id: 'usr_2', viewing: true });
  await expect(page.getByTestId('others')).toContainText('Omar Haddad is looking');
  gateway.signal('typing', { conversation_id: 'cnv_0', user_id: 'usr_2', typing: true });
  await expect(page.getByTestId('others')).toContainText('Omar Haddad is replying');
  gateway.signal('typing', { conversation_id: 'cnv_0', user_id: null, typing: true });
  await expect(page.locator('header').getByText('typing…')).toBeVisible();
});

test('language and colours change without a reload', async ({ page }) => {
  await page.goto('/inbox/cnv_0');
  await page.getByTestId('language-menu').click();
  await page.getByTestId('language-he').click();
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(page.getByTestId('filter-mine')).toContainText('שלי');
  await page.getByTestId('theme-toggle').click();
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
});

test('the palette finds actions and customers, and gives the focus back', async ({ page }) => {
  await page.goto('/inbox/cnv_0');
  await expect(page.getByTestId('composer-input')).toBeFocused();
  await page.keyboard.press('Control+KeyK');
  await expect(page.getByTestId('palette-input')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('composer-input')).toBeFocused();
  await page.keyboard.press('Control+KeyK');
  await page.getByTestId('palette-input').fill('resol');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
  await expect(page).not.toHaveURL(/cnv_0$/);
});

test('what is typed before the palette is there goes into it, and is no shortcut', async ({ page }) => {
  let load = () => {};
  const held = new Promise<void>((resolve) => (load = resolve));
  await page.route(/Palette-.*\.js/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('/inbox/cnv_0');
  await expect(page.getByTestId('composer-input')).toBeFocused();
  await page.keyboard.press('Control+KeyK');
  await page.keyboard.type('e j');
  load();
  await expect(page.getByTestId('palette-input')).toBeFocused();
  await page.keyboard.type('k');
  await expect(page.getByTestId('palette-input')).toHaveValue('e jk');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('resolve')).toBeVisible();
  await expect(page.getByTestId('composer-input')).toHaveValue('');
});

test('on a phone one pane is seen at a time, with a way back', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/inbox');
  await page.locator(rows).first().click();
  await expect(page.locator(rows).first()).toBeHidden();
  await page.getByTestId('customer-toggle').click();
  await expect(page.getByTestId('contact-name')).toBeVisible();
  await page.goBack();
  await page.getByTestId('conversation-back').click();
  await expect(page.locator(rows).first()).toBeVisible();
});

test('who is not signed in comes back to the same place after signing in', async ({ page, gateway }) => {
  gateway.signedIn = false;
  await page.goto('/inbox/cnv_4?view=mine');
  await page.getByTestId('login-email').fill('dana@example.com');
  await page.getByTestId('login-password').fill('wrong');
  await page.getByTestId('login-submit').click();
  await expect(page.getByTestId('login-error')).toContainText('The email or the password is wrong.');
  await page.getByTestId('login-password').fill('right');
  await page.getByTestId('login-submit').click();
  await expect(page).toHaveURL(/\/inbox\/cnv_4\?view=mine/);
});

test('a changed role is felt on the open page: lists, counters and pages follow, and what may not be seen any more goes', async ({ page, gateway }) => {
  await page.goto('/inbox/cnv_1');
  await expect(page.getByTestId('message').first()).toBeVisible();
  await expect(page.locator('[data-conversation-id="cnv_2"]')).toBeVisible();
  gateway.demote();
  await expect(page.locator('[data-conversation-id="cnv_2"]')).toHaveCount(0);
  await expect(page.locator('[data-conversation-id="cnv_0"]')).toBeVisible();
  await expect(page.getByTestId('composer-input')).toHaveCount(0);
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByTestId('conversation-row')).toHaveCount(0);
  await expect(page.locator('a[href="/settings/profile"]')).toBeVisible();
  await expect(page.locator('a[href="/settings/users"]')).toHaveCount(0);
});

test('the thread says what was done with the conversation, and hears of more', async ({ page, gateway }) => {
  await page.goto('/inbox/cnv_0');
  await expect(page.getByTestId('activity').last()).toContainText(/Assigned to .Dana Cohen/);
  const [last] = activitiesOf('cnv_0');
  gateway.event('activity.created', { ...last, id: 'act_new', at: ago(0), changes: [{ field: 'status', before: 'open', after: 'resolved' }] });
  await expect(page.getByTestId('activity').last()).toContainText('Resolved');
});
