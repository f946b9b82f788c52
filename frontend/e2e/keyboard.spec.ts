/** The agent's whole day with the keyboard alone: the focus is never lost, never invisible, and goes in the order of the screen. */
import type { Page } from '@playwright/test';
import { expect, prefer, test } from './fake';
import { pressHebrew } from './hebrew';

const key = (page: Page, code: string, language: string) => (language === 'he' ? pressHebrew(page, code) : page.keyboard.press(code));

/** Wants the focus on something that is on the screen and looks as if it had it. */
async function seen(page: Page, what: string): Promise<void> {
  await expect.poll(() => page.evaluate(() => {
    const el = document.activeElement;
    if (!el || el === document.body) return 'lost';
    const box = el.getBoundingClientRect();
    if (box.width === 0 || box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) return `out of sight: ${el.outerHTML.slice(0, 120)}`;
    // A ring around it, around the field that it is part of, or a menu's own mark.
    const marked = [el, el.parentElement, el.parentElement?.parentElement].some((one) => one && one.matches(':focus-within') && getComputedStyle(one).outlineStyle !== 'none');
    const changed = getComputedStyle(el).backgroundColor !== 'rgba(0, 0, 0, 0)' && el.getAttribute('role') === 'menuitem';
    return marked || changed || el.getAttribute('role') === 'menu' ? 'seen' : `not marked: ${el.outerHTML.slice(0, 120)}`;
  }), { message: `the focus after: ${what}` }).toBe('seen');
}

/** Tab until it is there, and never lost on the way. */
async function tabTo(page: Page, testId: string, most = 30): Promise<void> {
  const wanted = page.getByTestId(testId).first();
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluate((el) => el === document.activeElement)) return;
  }
  throw new Error(`${testId} is not within ${most} tabs`);
}

for (const language of ['en', 'he']) {
  test(`the main job without a mouse in ${language}`, async ({ page, gateway }) => {
    const press = (code: string) => key(page, code, language);
    gateway.signedIn = false;
    await prefer(page, language);
    await page.goto('/login');
    await expect(page.getByTestId('login-email')).toBeFocused();
    await page.keyboard.type('dana@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.type('right');
    await page.keyboard.press('Enter');

    // The list: j, j, k, Enter.
    const row = page.getByTestId('conversation-row');
    await expect(row.nth(2)).toBeVisible();
    await press('KeyJ');
    await expect(row.nth(0)).toBeFocused();
    await press('KeyJ');
    await press('KeyJ');
    await press('KeyK');
    await expect(row.nth(1)).toBeFocused();
    await seen(page, 'j and k');
    await page.keyboard.press('Enter');
    const input = page.getByTestId('composer-input');
    await expect(input).toBeFocused();
    const opened = await page.locator('[data-testid="conversation-row"][aria-current]').getAttribute('data-conversation-id');

    // Reply, then out of the field, up to a message and its actions, and back to write a note.
    await page.keyboard.type('leaves at noon');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('message').filter({ hasText: 'leaves at noon' })).toBeVisible();
    await expect(input).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('thread')).toBeFocused();
    await seen(page, 'Esc in the composer');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await seen(page, 'up to a message');
    await tabTo(page, 'message-lifeline', 6);
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('lifeline')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('lifeline')).toHaveCount(0);
    await seen(page, 'closing the life-line');
    await press('KeyN');
    await expect(input).toBeFocused();
    await expect(page.getByTestId('composer')).toHaveAttribute('data-mode', 'note');
    await page.keyboard.type('called her');
    await page.keyboard.press('Enter');
    await expect.poll(() => gateway.posts.map((p) => `${p.type} ${p.text}`)).toEqual(['text leaves at noon', 'note called her']);
    await page.keyboard.press('Escape');
    await press('KeyR');
    await expect(page.getByTestId('composer')).toHaveAttribute('data-mode', 'reply');
    await page.keyboard.press('Escape');

    // Assign, snooze, resolve: each gives the focus back.
    await press('KeyA');
    await expect(page.getByTestId('assign-usr_1')).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await seen(page, 'the first colleague');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => gateway.conversations.find((c) => c.id === opened)?.assignee_id).toBe('usr_2');
    await expect(page.getByTestId('assign-usr_1')).toBeHidden();
    await expect(page.getByTestId('thread')).toBeFocused();
    await press('KeyS');
    await expect(page.getByTestId('snooze-hour')).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => gateway.conversations.find((c) => c.id === opened)?.status).toBe('snoozed');
    await expect(page.getByTestId('snooze-hour')).toBeHidden();
    await expect(page.getByTestId('thread')).toBeFocused();
    // It left the list and the next one is open, with the focus where the next letter is a command.
    await expect(page.locator(`[data-testid="conversation-row"][data-conversation-id="${opened}"]`)).toHaveCount(0);
    const current = page.locator('[data-testid="conversation-row"][aria-current]');
    const second = await current.getAttribute('data-conversation-id');
    await page.getByTestId('snooze-menu').focus();
    await press('KeyE');
    await expect.poll(() => gateway.conversations.find((c) => c.id === second)?.status).toBe('resolved');
    await expect(page.locator(`[data-testid="conversation-row"][data-conversation-id="${second}"]`)).toHaveCount(0);
    await expect(page.getByTestId('thread')).toBeFocused();
    await seen(page, 'resolving');
    await expect(current).toHaveCount(1);
    const next = await row.nth(2).getAttribute('data-conversation-id');
    await press('KeyJ');
    await expect(page.locator(`[data-conversation-id="${next}"]`)).toBeFocused();

    // Search, the hit, and out again.
    await press('Slash');
    await expect(page.getByTestId('search-input')).toBeFocused();
    await seen(page, '/');
    await page.keyboard.type('48213');
    await expect(page.getByTestId('search-hit').first()).toBeVisible();
    await press('ArrowDown');
    await expect(page.getByTestId('search-hit').first()).toBeFocused();
    await seen(page, 'a hit');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/message=msg_/);
    await seen(page, 'opening a hit');

    // Help and palette give the focus back; the palette leads to the settings, where Tab goes on in the page.
    await page.keyboard.press('Control+KeyK');
    await expect(page.getByTestId('palette-input')).toBeFocused();
    await page.keyboard.press('Escape');
    await seen(page, 'closing the palette');
    await page.keyboard.press('Control+KeyK');
    await page.getByTestId('palette-input').waitFor();
    await page.keyboard.type(language === 'he' ? 'ערוצים' : 'channels');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('channel-row').first()).toBeVisible();
    await seen(page, 'the settings by the palette');
    await tabTo(page, 'channel-new', 3);
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('connect-whatsapp')).toBeVisible();
    await seen(page, 'a new channel');
    await tabTo(page, 'connect-whatsapp', 2);
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('channel-name')).toBeVisible();
    await seen(page, 'the kind of the channel');
    await tabTo(page, 'channel-name', 2);
    await page.keyboard.type('Our first');
    for (const [field, value] of [['phone_number_id', '123456789'], ['business_account_id', '987654321'], ['access_token', 'EAAG1'], ['app_secret', 'abcdef']] as const) {
      await tabTo(page, `channel-${field}`, 2);
      await page.keyboard.type(value);
    }
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('channel-first-message')).toBeVisible();
    await seen(page, 'the second step');
    expect(gateway.channels.at(-1)).toMatchObject({ kind: 'whatsapp', name: 'Our first' });
  });

  test(`Tab goes rail, list, conversation, composer, customer in ${language}`, async ({ page, gateway }) => {
    gateway.signedIn = true;
    await prefer(page, language);
    await page.goto('/inbox/cnv_0');
    await expect(page.getByTestId('contact-name')).toBeVisible();
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
    await page.locator('body').evaluate((body) => body.setAttribute('tabindex', '-1'));
    await page.locator('body').focus();
    const order: string[] = [];
    for (let i = 0; i < 120; i++) {
      await page.keyboard.press('Tab');
      const part = await page.evaluate(() => {
        const el = document.activeElement;
        const is = (selector: string) => !!el?.closest(selector);
        return is('nav') ? 'rail' : is('section') ? 'list' : is('[data-testid="composer"]') ? 'composer' : is('main') ? 'conversation' : is('aside') ? 'customer' : el === document.body ? 'end' : 'other';
      });
      if (part === 'end') break;
      if (part !== 'other' && order.at(-1) !== part) order.push(part);
      if (part === 'customer') break;
    }
    expect(order).toEqual(['rail', 'list', 'conversation', 'composer', 'customer']);
  });
}
