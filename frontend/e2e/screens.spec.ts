/** Pictures of every screen, to be looked at: set WASL_SCREENS to a folder. */
import { prefer, test } from './fake';

const folder = process.env.WASL_SCREENS ?? '';
const sizes = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const screens: Record<string, string> = {
  inbox: '/inbox/cnv_0',
  list: '/inbox',
  search: '/inbox/cnv_1?q=48213',
  channels: '/settings/channels',
};

test.skip(!folder, 'pictures are taken on demand');

for (const language of ['en', 'he', 'ar']) {
  for (const scheme of ['light', 'dark'] as const) {
    for (const [size, viewport] of Object.entries(sizes)) {
      test(`${language} ${scheme} ${size}`, async ({ page, gateway }) => {
        await page.setViewportSize(viewport);
        await prefer(page, language, scheme);
        for (const [name, path] of Object.entries(screens)) {
          gateway.cut = false;
          await page.goto(path);
          await page.waitForLoadState('networkidle');
          await page.evaluate(() => document.fonts.ready);
          await page.clock.runFor(1000);
          await page.screenshot({ path: `${folder}/${name}-${language}-${scheme}-${size}.png` });
        }
      });
    }
  }
}
