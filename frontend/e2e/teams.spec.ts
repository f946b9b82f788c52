import type { BrowserContext, Page } from '@playwright/test';
import { type Demo, expect, signIn, test } from './demo';

test.describe.configure({ timeout: 180_000 });

// The demo's people: Maya owns it, Layla and Daniel are agents.

async function open(context: BrowserContext, demo: Demo, who: string): Promise<Page> {
  const page = await context.newPage();
  await signIn(page, demo, `${who}@demo.wasl.example`);
  await page.evaluate(() => localStorage.setItem('wasl.notify', JSON.stringify({ sound: 'none', desktop: false, tested: true })));
  return page;
}

/** A conversation that nobody has. */
async function free(page: Page, demo: Demo): Promise<{ id: string; contact: { name: string } }> {
  const { items } = (await (await page.request.get(`${demo.inbox}/api/v1/conversations?status=open&assignee=none&limit=1`)).json()) as {
    items: { id: string; contact: { name: string } }[];
  };
  return items[0]!;
}

const row = (page: Page, id: string) => page.locator(`[data-testid=conversation-row][data-conversation-id="${id}"]`);

test('a team is made, given a conversation that its members alone see, and deleted again', async ({ browser, demo }) => {
  const contexts = await Promise.all(['en', 'ar', 'en'].map((locale) => browser.newContext({ locale })));
  const [maya, layla, daniel] = await Promise.all([open(contexts[0]!, demo, 'maya'), open(contexts[1]!, demo, 'layla'), open(contexts[2]!, demo, 'daniel')]);
  // Whoever is there would be given what the team is given.
  const presence = (state: string) => Promise.all([layla, daniel].map((page) => page.request.put(`${demo.inbox}/api/v1/me/presence`, { data: { state } })));
  await presence('busy');
  const { id } = await free(maya, demo);
  for (const agent of [layla, daniel]) await expect(row(agent, id)).toBeVisible();

  await maya.goto(`${demo.inbox}/settings/teams`);
  await maya.getByTestId('team-new').click();
  await maya.getByTestId('team-save').click();
  await expect(maya.getByText('Enter a name')).toBeVisible();
  await maya.getByTestId('team-name').fill('Night shift');
  await maya.getByTestId('team-members').click();
  await maya.getByRole('option', { name: 'ليلى حداد' }).click();
  await maya.keyboard.press('Escape');
  await maya.getByTestId('team-save').click();
  await expect(maya.getByTestId('team-row')).toContainText('Night shift');
  await expect(maya.getByTestId('team-row')).toContainText('ليلى حداد');

  await maya.goto(`${demo.inbox}/inbox/${id}`);
  await maya.getByTestId('assign-menu').click();
  await maya.getByRole('menuitem', { name: 'Night shift' }).click();
  await expect(maya.getByTestId('assign-menu')).toContainText('Night shift');
  await expect(row(layla, id)).toBeVisible();
  await expect(row(daniel, id)).toHaveCount(0);
  await expect(maya.getByTestId('activity').last()).toContainText('Given to the team');

  // Somebody else renames it while the form is open: that is said, and the next save decides.
  await maya.goto(`${demo.inbox}/settings/teams`);
  await maya.getByTestId('team-row').click();
  const { items } = (await (await maya.request.get(`${demo.inbox}/api/v1/teams`)).json()) as { items: { id: string }[] };
  expect((await maya.request.patch(`${demo.inbox}/api/v1/teams/${items[0]!.id}`, { data: { name: 'Early shift' } })).ok()).toBe(true);
  await maya.getByTestId('team-name').fill('Late shift');
  await maya.getByTestId('team-save').click();
  await expect(maya.getByText(/changed this team in the meantime/)).toBeVisible();
  await maya.getByTestId('team-save').click();
  await expect(maya.getByTestId('team-row')).toContainText('Late shift');

  // Whoever joins sees what waits, on the page that is open; once the team is gone, nobody but those who see everything.
  await maya.getByTestId('team-row').click();
  await maya.getByTestId('team-members').click();
  await maya.getByRole('option', { name: 'Daniel Reed' }).click();
  await maya.keyboard.press('Escape');
  await maya.getByTestId('team-save').click();
  await expect(row(daniel, id)).toBeVisible();
  await maya.getByTestId('team-row').click();
  await maya.getByTestId('team-remove').click();
  await maya.getByTestId('team-remove-sure').click();
  await expect(maya.getByTestId('team-row')).toHaveCount(0);
  for (const agent of [layla, daniel]) await expect(row(agent, id)).toHaveCount(0);
  await maya.goto(`${demo.inbox}/inbox/${id}`);
  await expect(maya.getByTestId('assign-menu')).toContainText('Deleted team');
  await presence('online');
  await Promise.all(contexts.map((context) => context.close()));
});
