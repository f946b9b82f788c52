import type { BrowserContext, Page } from '@playwright/test';
import { type Demo, expect, signIn, test } from './demo';

test.describe.configure({ timeout: 180_000 });

// The demo's people: Maya owns it, Layla and Daniel are agents.

async function open(context: BrowserContext, demo: Demo, who: string): Promise<Page> {
  const page = await context.newPage();
  await signIn(page, demo, `${who}@demo.wasl.example`);
  await page.evaluate(() => localStorage.setItem('wasl.notify', JSON.stringify({ sound: 'off', desktop: false, tested: true })));
  return page;
}

const card = (page: Page, id: string) => page.locator(`[data-testid=offer][data-conversation-id="${id}"]`);

async function become(page: Page, state: string): Promise<void> {
  await page.getByTestId('account-menu').click();
  await page.getByTestId(`presence-${state}`).click();
  await expect(page.getByTestId('account-menu')).toHaveAttribute('data-state', state);
}

/** What Maya reads of a person in the latest decision about a conversation. */
const reasonOf = (page: Page, name: string) => page.getByTestId('why-decision').first().getByTestId('why-person').filter({ hasText: name });

test('an agent takes an offer, declines one and goes offline, and it is seen who got what and why', async ({ browser, demo }) => {
  const contexts = await Promise.all(['en', 'en', 'en'].map((locale) => browser.newContext({ locale })));
  const [maya, layla, daniel] = await Promise.all([open(contexts[0]!, demo, 'maya'), open(contexts[1]!, demo, 'layla'), open(contexts[2]!, demo, 'daniel')]);
  await become(daniel, 'busy');

  await maya.goto(`${demo.inbox}/settings/teams`);
  await maya.getByTestId('team-new').click();
  await maya.getByTestId('team-name').fill('Offers');
  await maya.getByTestId('team-members').click();
  for (const name of ['ليلى حداد', 'Daniel Reed']) await maya.getByRole('option', { name }).click();
  await maya.keyboard.press('Escape');
  await maya.getByTestId('team-hand-over').getByText('Offered first').click();
  await maya.getByTestId('team-offer-seconds').fill('300');
  await maya.getByTestId('team-save').click();
  await expect(maya.getByTestId('team-row')).toContainText('Offers');
  const { items: teams } = (await (await maya.request.get(`${demo.inbox}/api/v1/teams`)).json()) as { items: { id: string }[] };
  // The oldest, because other tests take the newest.
  const { items } = (await (await maya.request.get(`${demo.inbox}/api/v1/conversations?status=open&assignee=none&sort=oldest&limit=3`)).json()) as { items: { id: string }[] };
  const [first, second, third] = items.map(({ id }) => id) as [string, string, string];
  const give = async (id: string) => expect((await maya.request.post(`${demo.inbox}/api/v1/conversations/${id}/assign`, { data: { team_id: teams[0]!.id } })).ok()).toBe(true);

  // Daniel is busy, so Layla is asked; she takes it while she types somewhere else.
  await give(first);
  await expect(card(layla, first)).toBeVisible();
  await expect(card(daniel, first)).toHaveCount(0);
  await layla.getByTestId('search-input').focus();
  await layla.keyboard.press('Alt+KeyY');
  await expect(layla).toHaveURL(new RegExp(`/inbox/${first}`));
  await expect(layla.getByTestId('assign-menu')).toContainText('ليلى حداد');
  await expect(layla.getByTestId('offer')).toHaveCount(0);

  // She declines the next one and says why; it waits, because nobody else is there for it.
  await give(second);
  await card(layla, second).getByTestId('offer-why').click();
  await card(layla, second).getByTestId('offer-reason').fill('No French');
  await card(layla, second).getByTestId('offer-decline').click();
  await expect(layla.getByTestId('offer')).toHaveCount(0);
  await maya.goto(`${demo.inbox}/inbox/${second}`);
  await maya.getByTestId('why').click();
  await expect(maya.getByTestId('why-state')).toContainText('Waits in the queue of');
  await expect(reasonOf(maya, 'ليلى حداد')).toHaveAttribute('data-reason', 'declined');
  await expect(reasonOf(maya, 'Daniel Reed')).toHaveText(/Busy/);
  await expect(maya.getByTestId('why-panel')).toContainText('No French');

  // Daniel is there again, and is asked at once.
  await become(daniel, 'online');
  await card(daniel, second).getByTestId('offer-accept').click();
  await expect(daniel.getByTestId('assign-menu')).toContainText('Daniel Reed');
  await expect(maya.getByTestId('why-state')).toContainText('Assigned to');
  await expect(maya.getByTestId('why-decision').first()).toContainText('accepted');

  // Layla goes offline: what she has not answered, and what comes, is offered to Daniel, and the panel says why not to her.
  await become(layla, 'offline');
  await card(daniel, first).getByTestId('offer-accept').click();
  await expect(daniel).toHaveURL(new RegExp(`/inbox/${first}`));
  await give(third);
  await expect(card(daniel, third)).toBeVisible();
  await maya.goto(`${demo.inbox}/inbox/${third}`);
  await expect(maya.getByTestId('why-state')).toContainText('Offered to');
  await expect(reasonOf(maya, 'ليلى حداد')).toHaveText(/Offline/);

  // He declines by key; whoever works through the queue by hand takes it all the same.
  await daniel.keyboard.press('Alt+KeyX');
  await expect(maya.getByTestId('why-state')).toContainText('Waits in the queue of');
  await expect(layla.getByTestId('take-count')).toHaveText('1');
  await layla.getByTestId('conversation-row').first().focus();
  await layla.keyboard.press('t');
  await expect(layla).toHaveURL(new RegExp(`/inbox/${third}`));
  await expect(layla.getByTestId('take-count')).toHaveText('0');
  await expect(maya.getByTestId('why-decision').first()).toContainText('took it from the queue');

  // The others who use this demo find it as it was.
  await become(layla, 'online');
  expect((await maya.request.delete(`${demo.inbox}/api/v1/teams/${teams[0]!.id}`)).ok()).toBe(true);
  await Promise.all(contexts.map((context) => context.close()));
});
