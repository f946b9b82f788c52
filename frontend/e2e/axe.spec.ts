import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, prefer, test } from './fake';

/** Every page, and what is there when it is complete. */
const pages: Record<string, string> = {
  '/inbox/cnv_0': 'contact-phone-link',
  '/inbox/cnv_1?q=48213': 'search-hit',
  '/live?agent=usr_1': 'live-held',
  '/live?at=2026-11-22T08:00:00.000Z': 'live-past',
  '/settings/channels': 'channel-row',
  '/settings/channels/chn_2': 'channel-facts',
  '/settings/channels/new': 'connect-whatsapp',
  '/settings/channels/website': 'channel-save',
  '/settings/workspace': 'workspace-country',
  '/settings/users': 'user-row',
  '/settings/teams': 'team-row',
  '/settings/profile': 'signature',
  '/settings/dead-letters': 'dead-letter',
};

async function serious(page: Page, path: string): Promise<string[]> {
  await page.evaluate(() => document.fonts.ready);
  const { violations } = await new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode().analyze();
  const bad = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
  return bad.flatMap((v) => v.nodes.map((n) => `${path} ${v.id}: ${n.target.join(' ')} ${n.failureSummary ?? ''}`));
}

for (const language of ['en', 'he', 'ar']) {
  for (const scheme of ['light', 'dark'] as const) {
    test(`nothing serious in ${language}, ${scheme}`, async ({ page, gateway }) => {
      await prefer(page, language, scheme);
      await page.goto('/inbox');
      for (const [path, complete] of Object.entries(pages)) {
        // As the app itself goes to a page: loading it anew for each would take most of the time.
        await page.evaluate((to) => history.pushState(null, '', to), path);
        await page.getByTestId(complete).first().waitFor();
        expect.soft(await serious(page, path)).toEqual([]);
      }
      gateway.signedIn = false;
      await page.goto('/login');
      await page.getByTestId('login-submit').waitFor();
      expect.soft(await serious(page, '/login')).toEqual([]);
    });
  }
}
