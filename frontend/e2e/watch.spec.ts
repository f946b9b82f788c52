import { ago, failedMessages } from './samples';
import { expect, prefer, test, trace } from './fake';

test.beforeEach(async ({ page, gateway }) => {
  gateway.signedIn = true;
  await prefer(page, 'en');
});

test('a message tells where it was, step by step, and what is not known', async ({ page }) => {
  await page.goto('/inbox/cnv_0');
  await trace(page.locator('[data-testid="message"][data-direction="in"]').last());
  const steps = page.getByTestId('lifeline').getByRole('listitem');
  await expect(steps).toHaveText([/Written.*Noa Levi/, /Received.*640 ms/, /Safe on disk.*3 ms/, /stored.*6 ms/, /Shown.*not recorded/, /Read.*Omar Haddad/, /Read.*יעל מזרחי.*not recorded/]);
  await page.keyboard.press('Escape');
  await trace(page.locator('[data-testid="message"][data-direction="out"]').last());
  await expect(page.getByTestId('lifeline')).toContainText('3 more times');
});

test('dead letters are counted live, replayed together and discarded only on purpose', async ({ page, gateway }) => {
  await page.goto('/settings/dead-letters');
  await expect(page.getByTestId('dead-badge')).toContainText('2');
  await page.getByTestId('dead-letter').first().click();
  await expect(page.getByTestId('dead-download')).toContainText('2.5 MB');
  await expect(page.getByTestId('dead-download')).toHaveAttribute('href', '/api/v1/dead-letters/job_1/body');
  await page.getByTestId('dead-discard').click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByTestId('dead-letter')).toHaveCount(2);
  await page.getByTestId('dead-discard').click();
  await page.getByTestId('dead-discard-yes').click();
  await expect(page.getByTestId('dead-letter')).toHaveCount(1);
  await page.getByText('Discarded in the last 90 days').click();
  await expect(page.getByText('Not understood · Dana Cohen')).toBeVisible();
  await page.getByTestId('dead-letter').click();
  await expect(page.getByRole('link', { name: 'Open the conversation' })).toHaveAttribute('href', '/inbox/cnv_6');
  await page.getByTestId('dead-replay-all').click();
  await page.getByTestId('dead-replay-all-yes').click();
  await expect(page.getByText('Nothing here')).toBeVisible();
  await expect(page.getByTestId('dead-badge')).toHaveCount(0);
  gateway.event('dead_letters.changed', { count: 7 });
  await expect(page.getByTestId('dead-badge')).toContainText('7');
});

test('what was not sent is shown with the reason, sent again together, and counted live', async ({ page, gateway }) => {
  gateway.failed = structuredClone(failedMessages);
  await page.goto('/settings/dead-letters');
  const rows = page.getByTestId('failed-message');
  await expect(rows).toHaveCount(3);
  await expect(page.getByTestId('dead-badge')).toContainText('5');
  await expect(rows.nth(1)).toContainText('It is not known whether the customer got this.');
  await expect(rows.nth(0).getByRole('link')).toHaveAttribute('href', /^\/inbox\/cnv_2\?message=/);
  await rows.nth(2).getByTestId('failed-letgo').click();
  await expect(rows).toHaveCount(2);
  await page.getByTestId('failed-retry-all').click();
  await page.getByTestId('failed-retry-all-yes').click();
  await expect(rows).toHaveCount(1);
  await expect(rows).toHaveAttribute('data-status', 'unknown');
  await expect(page.getByTestId('failed-retry-all')).toHaveCount(0);
  gateway.failed = structuredClone(failedMessages);
  gateway.event('message.updated', gateway.failed[0]!.message);
  await page.clock.runFor(2000);
  await expect(rows).toHaveCount(3);
});

test('a stopped channel is said on every page, with the fix; late messages when none is stopped', async ({ page, gateway }) => {
  await page.goto('/inbox');
  const banner = page.getByTestId('health-banner');
  await expect(banner).toContainText('access token is no longer accepted');
  await banner.getByRole('link', { name: 'Look' }).click();
  await expect(page.getByRole('alert').first()).toContainText('Create a new permanent token');
  await expect(page.getByTestId('channel-facts')).toContainText('Last message in');
  for (const c of gateway.channels) {
    c.status = 'active';
    c.health = { ...c.health, state: 'ok', problem: null };
  }
  const first = gateway.channels[0]!;
  first.health = { ...first.health, state: 'lagging', lag_seconds: 95, waiting: 12 };
  gateway.event('channel.updated', first);
  await expect(banner).toContainText('Messages on ⁨Sales line⁩ come in late (1.6 mins)');
  first.health = { ...first.health, state: 'ok', lag_seconds: 0, waiting: 0, last_inbound_at: ago(0) };
  gateway.event('channel.updated', first);
  await expect(banner).toHaveCount(0);
});
