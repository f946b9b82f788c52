/** Pictures of every screen, to be looked at: `WASL_SCREENS=folder npx playwright test`. */
import { prefer, test, trace } from './fake';

const folder = process.env.WASL_SCREENS ?? '';
const sizes = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const screens: Record<string, string> = {
  inbox: '/inbox/cnv_0',
  list: '/inbox',
  search: '/inbox/cnv_1?q=48213',
  channels: '/settings/channels',
  channel: '/settings/channels/chn_2',
  connect: '/settings/channels/new',
  users: '/settings/users',
  profile: '/settings/profile',
  dead: '/settings/dead-letters',
  customer: '/inbox/cnv_0?pane=customer',
  resolved: '/inbox?status=%5B%22resolved%22%5D',
};

for (const language of ['en', 'he', 'ar']) {
  for (const scheme of ['light', 'dark'] as const) {
    for (const [size, viewport] of Object.entries(sizes)) {
      test(`${language} ${scheme} ${size}`, async ({ page, gateway }) => {
        test.setTimeout(180_000);
        await page.setViewportSize(viewport);
        await prefer(page, language, scheme);
        for (const [name, path] of Object.entries(screens)) {
          gateway.cut = false;
          await page.goto(path);
          await page.waitForLoadState('networkidle');
          await page.evaluate(() => document.fonts.ready);
          await page.clock.runFor(1000);
          if (name === 'dead') await page.getByTestId('dead-letter').first().click();
          await page.screenshot({ path: `${folder}/${name}-${language}-${scheme}-${size}.png` });
        }
        await page.goto('/inbox/cnv_0');
        await page.getByTestId('composer-input').waitFor();
        for (const side of ['in', 'out']) {
          await trace(page.locator(`[data-testid="message"][data-direction="${side}"]`).last());
          await page.getByTestId('lifeline').waitFor();
          await page.clock.runFor(1000);
          await page.screenshot({ path: `${folder}/lifeline-${side}-${language}-${scheme}-${size}.png` });
          await page.keyboard.press('Escape');
          await page.getByTestId('lifeline').waitFor({ state: 'detached' });
        }
        await page.getByTestId('composer-input').focus();
        await page.keyboard.press('Control+k');
        await page.getByTestId('palette-input').waitFor();
        await page.clock.runFor(1000);
        await page.screenshot({ path: `${folder}/palette-${language}-${scheme}-${size}.png` });
        await page.keyboard.press('Escape');
        await gateway.dropLine();
        await page.getByTestId('composer-input').fill('שלום +972 50-123-4567');
        await page.getByTestId('composer-input').press('Enter');
        await page.clock.runFor(4000);
        await page.screenshot({ path: `${folder}/offline-${language}-${scheme}-${size}.png` });
      });
    }
  }
}
