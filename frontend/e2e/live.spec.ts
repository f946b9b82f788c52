import type { BrowserContext, Page } from '@playwright/test';
import { type Demo, expect, signIn, test } from './demo';

test.describe.configure({ timeout: 240_000 });

// Yoav is a supervisor, Layla and Daniel are agents. What they work on has a team of its own, so that other tests are left alone.

async function open(context: BrowserContext, demo: Demo, who: string): Promise<Page> {
  const page = await context.newPage();
  await signIn(page, demo, `${who}@demo.wasl.example`);
  await page.evaluate(() => localStorage.setItem('wasl.notify', JSON.stringify({ sound: 'off', desktop: false, tested: true })));
  return page;
}

test('a supervisor sees the floor change while an agent takes an offer, refuses one and goes offline, acts on it, and goes back in time', async ({ browser, demo }) => {
  const contexts = await Promise.all(['en', 'en', 'en'].map((locale) => browser.newContext({ locale })));
  const [yoav, layla, maya] = await Promise.all([open(contexts[0]!, demo, 'yoav'), open(contexts[1]!, demo, 'layla'), open(contexts[2]!, demo, 'maya')]);
  const post = async (path: string, data: object) => {
    const answer = await maya.request.post(`${demo.inbox}/api/v1${path}`, { data });
    expect(answer.ok()).toBe(true);
    return answer.json() as Promise<{ id: string }>;
  };
  const { items: users } = (await (await maya.request.get(`${demo.inbox}/api/v1/users`)).json()) as { items: { id: string; email: string }[] };
  const laylaId = users.find(({ email }) => email.startsWith('layla'))!.id;
  const { items } = (await (await maya.request.get(`${demo.inbox}/api/v1/conversations?status=open&assignee=none&sort=oldest&limit=3`)).json()) as { items: { id: string }[] };
  const [first, second] = items.map(({ id }) => id) as [string, string];

  // The board is open before anything happens; what follows it shows by itself.
  await yoav.keyboard.press('g');
  await yoav.keyboard.press('l');
  await expect(yoav).toHaveURL(/\/live$/);
  const { id: team } = await post('/teams', { name: 'Watched', member_ids: [laylaId], hand_over: 'offer', offer_seconds: 300 });
  const queue = yoav.locator(`[data-testid=live-queue][data-team-id="${team}"]`);
  const agent = yoav.locator(`[data-testid=live-agent][data-user-id="${laylaId}"]`);
  const length = queue.getByTestId('live-queue-length');
  await expect(length).toHaveText('0');
  await expect(agent.getByTestId('live-agent-state')).toHaveText('Available');
  const taken = () => agent.locator('[data-taken]').count();
  const before = await taken();

  // She is asked, and takes it.
  await post(`/conversations/${first}/assign`, { team_id: team });
  await expect(length).toHaveText('1');
  await expect.poll(taken).toBe(before + 1);
  await agent.getByRole('link').first().click();
  await expect(yoav).toHaveURL(/agent=/);
  const held = (id: string) => yoav.locator(`[data-testid=live-held][data-conversation-id="${id}"]`);
  await expect(held(first)).toContainText('Offered');
  await layla.getByTestId('offer-accept').click();
  await expect(held(first)).toContainText('Assigned');
  await expect(length).toHaveText('0');

  // She refuses the next one, which waits; the floor of this minute is looked at again later.
  await post(`/conversations/${second}/assign`, { team_id: team });
  await layla.getByTestId('offer-decline').click();
  await expect(length).toHaveText('1');
  await expect(held(second)).toHaveCount(0);
  const busy = new Date();

  // A whisper reaches her and nobody else; a silent watcher is not announced.
  await layla.goto(`${demo.inbox}/inbox/${first}`);
  await held(first).getByTestId('live-whisper').click();
  await yoav.getByTestId('whisper').fill('Offer the January group');
  await yoav.keyboard.press('Enter');
  await expect(layla.locator('[data-testid=message][data-for-me]')).toContainText('Offer the January group');
  await expect(layla.getByText('A note for you', { exact: true })).toBeVisible();
  await held(first).getByTestId('live-watch').click();
  await expect(yoav.getByTestId('watch-bar')).toBeVisible();
  await expect(yoav.getByTestId('message').last()).toContainText('Offer the January group');
  await expect(layla.getByTestId('colleague-viewing')).toHaveCount(0);
  await yoav.getByTestId('watch-join').click();
  await expect(layla.getByTestId('colleague-viewing')).toBeVisible();

  // The supervisor says that she is away, she says that she is offline: what she has not answered waits again, and it is said why.
  await yoav.goto(`${demo.inbox}/live?agent=${laylaId}`);
  await yoav.getByTestId('live-reason').fill('Training');
  await yoav.getByTestId('live-set-away').click();
  await expect(agent.getByTestId('live-agent-state')).toHaveText('Away');
  await expect(agent).toContainText('Training');
  await expect(layla.getByTestId('account-menu')).toHaveAttribute('data-state', 'away');
  await layla.getByTestId('account-menu').click();
  await layla.getByTestId('presence-offline').click();
  await expect(length).toHaveText('2');
  await expect(held(first)).toHaveCount(0);
  await queue.getByRole('link').first().click();
  await expect(yoav).toHaveURL(new RegExp(`queue=${team}`));
  await yoav.goto(`${demo.inbox}/inbox/${first}`);
  await yoav.getByTestId('why').click();
  await expect(yoav.getByTestId('why-state')).toContainText('Waits in the queue of');
  await expect(yoav.getByTestId('why-panel')).toContainText('ليلى حداد');
  await expect(yoav.getByTestId('why-person').filter({ hasText: 'ليلى حداد' }).first()).toHaveAttribute('data-reason', 'offline');

  // Back in time she has what she took, and one waits; then it is now again.
  await yoav.goto(`${demo.inbox}/live?at=${busy.toISOString()}&agent=${laylaId}`);
  await expect(yoav.getByTestId('live-past')).toContainText('As it was on');
  await expect(length).toHaveText('1');
  await expect(held(first)).toContainText('Assigned');
  await expect(yoav.getByTestId('live-set-away')).toHaveCount(0);
  await yoav.getByTestId('live-range').focus();
  await yoav.keyboard.press('End');
  await expect(yoav.getByTestId('live-past')).toHaveCount(0);
  await expect(length).toHaveText('2');

  // The others who use this demo find it as it was.
  await layla.getByTestId('account-menu').click();
  await layla.getByTestId('presence-online').click();
  expect((await maya.request.delete(`${demo.inbox}/api/v1/teams/${team}`)).ok()).toBe(true);
  await Promise.all(contexts.map((context) => context.close()));
});
