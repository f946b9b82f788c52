/** Pictures of every screen, to be looked at: `WASL_SCREENS=folder npx playwright test`. */
import { type Demo, signIn, test as real } from './demo';
import { prefer, test, trace } from './fake';
import { failedMessages } from './samples';
import type { BrowserContext, Page } from '@playwright/test';

const folder = process.env.WASL_SCREENS ?? '';
const sizes = { wide: { width: 1440, height: 900 }, laptop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const screens: Record<string, string> = {
  inbox: '/inbox/cnv_0',
  list: '/inbox',
  search: '/inbox/cnv_1?q=48213',
  live: '/live',
  agent: '/live?agent=usr_1',
  past: '/live?at=2026-11-22T08:00:00.000Z',
  channels: '/settings/channels',
  channel: '/settings/channels/chn_2',
  connect: '/settings/channels/new',
  users: '/settings/users',
  teams: '/settings/teams',
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
        gateway.failed = structuredClone(failedMessages);
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

// The real product, with what only it has: every kind of channel, the customers' phones, a website.

const fonts = (page: Page) => page.evaluate(() => document.fonts.ready);

/** Opens the newest conversation of a channel whose name is not told in any language: by its kind. */
async function openKind(page: Page, demo: Demo, kind: string): Promise<void> {
  const { items } = (await (await page.request.get(`${demo.inbox}/api/v1/conversations?limit=100`)).json()) as { items: { id: string; channel_kind: string }[] };
  const id = items.find((c) => c.channel_kind === kind)?.id;
  await page.goto(`${demo.inbox}/inbox/${id}`);
  await page.getByTestId('message').last().waitFor();
}

async function liveScreens(context: BrowserContext, demo: Demo, shoot: (page: Page, name: string) => Promise<void>): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${demo.inbox}/login`);
  await page.getByTestId('login-submit').waitFor();
  await shoot(page, 'login');
  await signIn(page, demo, 'maya@demo.wasl.example');
  await page.getByTestId('conversation-row').first().waitFor();
  await page.getByTestId('sound-play').waitFor();
  await shoot(page, 'first-sound');
  await page.evaluate(() => localStorage.setItem('wasl.notify', JSON.stringify({ sound: 'mine', desktop: false, tested: true })));
  for (const kind of ['whatsapp', 'email', 'messenger', 'instagram', 'sms']) {
    await openKind(page, demo, kind);
    await shoot(page, `thread-${kind}`);
  }
  for (const kind of ['whatsapp', 'messenger', 'instagram', 'sms', 'email']) {
    await page.goto(`${demo.inbox}/settings/channels/new`);
    await page.getByTestId(`connect-${kind}`).click();
    await page.getByTestId('channel-save').waitFor();
    await shoot(page, `connect-${kind}`);
  }
  await page.goto(`${demo.inbox}/settings/channels/website`);
  await page.getByTestId('channel-save').waitFor();
  await shoot(page, 'connect-website');
  await page.goto(`${demo.inbox}/settings/channels`);
  await page.getByTestId('channel-row').first().click();
  await page.getByTestId('channel-facts').waitFor();
  await shoot(page, 'live-channel');
  await page.goto(`${demo.phones}/#noa-levi`);
  await page.getByTestId('phone-noa-levi').waitFor();
  await shoot(page, 'phones');
  await page.goto(`${demo.phones}/_sandbox/site?lang=${await page.evaluate(() => navigator.language.slice(0, 2))}`);
  await page.getByTestId('widget-button').click();
  await page.getByTestId('widget-input').waitFor();
  await shoot(page, 'website');
}

for (const language of ['en', 'he', 'ar']) {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, viewport] of Object.entries(sizes)) {
      real(`live ${language} ${colorScheme} ${size}`, async ({ browser, demo }) => {
        real.setTimeout(180_000);
        const context = await browser.newContext({ locale: language, colorScheme, viewport });
        await liveScreens(context, demo, async (page, name) => {
          await fonts(page);
          await page.screenshot({ path: `${folder}/${name}-${language}-${colorScheme}-${size}.png`, animations: 'disabled' });
        });
        await context.close();
      });
    }
  }
}
