import { existsSync, statSync } from 'node:fs';
import { expect, prefer, test } from './fake';

/** Bytes over the wire for the first look at the inbox, fonts included. */
const budget = 400 * 1024;

/** What the gateway sends for a file: the best packed form that the build made. */
const wire = (path: string) => statSync(existsSync(`dist${path}.br`) ? `dist${path}.br` : `dist${path}`).size;

for (const language of ['en', 'he', 'ar']) {
  test(`the first load stays in the budget in ${language}`, async ({ page, gateway }) => {
    gateway.signedIn = true;
    const files = new Set<string>();
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (!pathname.startsWith('/api/')) files.add(pathname.startsWith('/inbox') ? '/index.html' : pathname);
    });
    await prefer(page, language);
    await page.goto('/inbox/cnv_0');
    await page.getByTestId('message').first().waitFor();
    await page.evaluate(() => document.fonts.ready);
    await page.waitForLoadState('networkidle');
    const sizes = [...files].map((path) => ({ path, bytes: wire(path) }));
    const sum = (end: RegExp) => sizes.filter((f) => end.test(f.path)).reduce((total, f) => total + f.bytes, 0);
    const total = sum(/./);
    test.info().annotations.push({ type: 'bytes', description: `${total}` });
    process.stdout.write(`first load ${language}: js ${sum(/\.js$/)} css ${sum(/\.css$/)} fonts ${sum(/woff2$/)} total ${total}\n`);
    expect(total).toBeLessThanOrEqual(budget);
  });
}
