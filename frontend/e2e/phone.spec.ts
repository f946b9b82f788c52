/** With one thumb: what is pressed is large enough, and the keyboard hides nothing that is needed. */
import type { Page } from '@playwright/test';
import { expect, prefer, test } from './fake';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

/** What can be pressed on the screen and is smaller than a thumb; links inside of texts are not counted. */
const small = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, a[href], select, textarea, input:not([type="file"]), [role="tab"]')].flatMap((el) => {
      const { width, height, top, bottom, left, right } = (el.closest('.mantine-Input-wrapper') ?? el).getBoundingClientRect();
      const shown = width > 1 && height > 1 && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth && el.checkVisibility({ visibilityProperty: true });
      if (!shown || el.closest('[data-testid="message"], [data-testid="row-select"], bdi, p') || (width >= 44 && height >= 44)) return [];
      return [`${el.dataset.testid ?? el.ariaLabel ?? el.textContent} ${Math.round(width)}×${Math.round(height)}`];
    }),
  );

for (const language of ['en', 'he', 'ar']) {
  test(`everything can be pressed with a thumb in ${language}`, async ({ page, gateway }) => {
    gateway.signedIn = true;
    await prefer(page, language);
    await page.goto('/inbox');
    await page.getByTestId('conversation-row').first().waitFor();
    expect(await small(page)).toEqual([]);
    await expect(page.getByTestId('language-menu')).toBeHidden();
    await expect(page.getByTestId('theme-toggle')).toBeHidden();
    await expect(page.locator('header kbd')).toBeHidden();

    await page.getByTestId('conversation-row').first().click();
    await page.getByTestId('message').first().waitFor();
    expect(await small(page)).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBe(390);

    // While somebody writes, the keyboard has the foot of the screen: the pages do not lie between it and the text.
    const pages = page.locator('nav').first();
    await page.getByTestId('composer-input').focus();
    await expect(pages).toBeHidden();
    await page.setViewportSize({ width: 390, height: 480 });
    await expect(page.getByTestId('composer-send')).toBeInViewport({ ratio: 1 });
    await expect(page.getByTestId('message').last()).toBeInViewport();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByTestId('composer-input').blur();
    await expect(pages).toBeVisible();

    await page.getByTestId('customer-toggle').click();
    await page.getByTestId('conversation-type').waitFor();
    expect(await small(page)).toEqual([]);
  });
}
