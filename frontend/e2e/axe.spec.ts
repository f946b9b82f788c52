import { AxeBuilder } from '@axe-core/playwright';
import { expect, prefer, test } from './fake';

const pages = ['/inbox/cnv_0', '/inbox/cnv_1?q=48213', '/settings/channels', '/settings/channels/new', '/settings/channels/website', '/settings/users', '/settings/profile', '/settings/dead-letters'];

for (const language of ['en', 'he', 'ar']) {
  for (const scheme of ['light', 'dark'] as const) {
    test(`nothing serious in ${language}, ${scheme}`, async ({ page, gateway }) => {
      test.setTimeout(300_000);
      await prefer(page, language, scheme);
      for (const path of [...pages, '/login']) {
        gateway.signedIn = path !== '/login';
        await page.goto(path);
        await page.locator('main, #conversation').first().waitFor();
        await page.waitForLoadState('networkidle');
        const { violations } = await new AxeBuilder({ page }).analyze();
        const bad = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
        expect.soft(bad.flatMap((v) => v.nodes.map((n) => `${path} ${v.id}: ${n.target.join(' ')} ${n.failureSummary ?? ''}`))).toEqual([]);
      }
    });
  }
}
