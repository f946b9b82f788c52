import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, test as base } from '@playwright/test';
import { type Demo, startFresh } from './demo';

// A mailbox at a real host, Dovecot with OpenSMTPD: connected by the form, read, answered, with the answer among what was sent and what
// somebody types in another mail program in the inbox.

interface Host {
  credentials: Record<string, string>;
  deliver(from: string, to: string, ...lines: string[]): Promise<void>;
  append(to: string, folder: string, ...lines: string[]): Promise<void>;
  mails(user: string, folder: string): Promise<Record<string, string>>;
}

const ended = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.stdin?.end();
  });

const test = base.extend<object, { fresh: Demo; host: Host }>({
  fresh: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants to see that nothing else is needed
    async ({}, use) => {
      const fresh = await startFresh();
      await use(fresh);
      await fresh.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  host: [
    // eslint-disable-next-line no-empty-pattern -- likewise
    async ({}, use) => {
      const child = spawn('go', ['run', './internal/mailhost/serve'], { cwd: '..', stdio: ['pipe', 'pipe', 'inherit'] });
      const first = await new Promise<string>((resolve, reject) => {
        createInterface({ input: child.stdout }).once('line', resolve);
        child.once('exit', (code) => reject(new Error(`the mail host ended with ${code}`)));
      });
      const { control, credentials } = JSON.parse(first) as { control: string; credentials: Record<string, string> };
      const tell = async (path: string, body: object) => expect((await fetch(control + path, { method: 'POST', body: JSON.stringify(body) })).ok).toBe(true);
      await use({
        credentials,
        deliver: (from, to, ...lines) => tell('/deliver', { from, to, raw: lines.join('\r\n') }),
        append: (to, folder, ...lines) => tell('/append', { to, folder, raw: lines.join('\n') }),
        mails: async (user, folder) => (await (await fetch(`${control}/mails?${new URLSearchParams({ user, folder })}`)).json()) as Record<string, string>,
      });
      await ended(child);
    },
    { scope: 'worker', timeout: 300_000 },
  ],
});

test('a mailbox of a real host is connected by the form, read and answered', async ({ page, fresh, host }) => {
  const box = host.credentials.from_address!;
  await page.goto(`${fresh.inbox}/settings/channels/new`);
  await page.getByTestId('login-email').fill('owner@example.com');
  await page.getByTestId('login-password').fill(fresh.password);
  await page.getByTestId('login-submit').click();
  await page.getByTestId('connect-mailbox').click();
  await page.getByTestId('channel-save').click();
  await expect(page.getByText('This is needed').first()).toBeVisible();
  await page.getByTestId('channel-name').fill('Our desk');
  await page.getByTestId('channel-from_name').fill('The desk');
  // a host that is known; then the address turns out to be another host's, and what was found is forgotten
  await page.getByTestId('channel-from_address').fill('desk@yahoo.com');
  await page.getByTestId('channel-save').click();
  await expect(page.getByTestId('channel-imap_host')).toHaveValue('imap.mail.yahoo.com');
  await page.getByTestId('channel-from_address').fill(box);
  await expect(page.getByTestId('channel-password')).toBeHidden();
  await page.getByTestId('channel-save').click();
  await expect(page.getByTestId('channel-imap_host')).toHaveValue('');
  // nobody knows the servers of this domain: they are asked for, and a wrong password is told in plain words
  await expect(page.getByTestId('channel-imap_host')).toBeVisible();
  for (const key of ['imap_host', 'imap_port', 'smtp_host', 'smtp_port', 'tls_fingerprint']) await page.getByTestId(`channel-${key}`).fill(host.credentials[key]!);
  await expect(page.getByTestId('channel-username')).toHaveValue(box);
  await page.getByTestId('channel-password').fill('wrong');
  await page.getByTestId('channel-save').click();
  await expect(page.getByTestId('mailbox-trouble')).toContainText('The mail server refuses the user name or the password');
  await page.getByTestId('channel-password').fill(host.credentials.password!);
  await page.getByTestId('channel-save').click();
  await expect(page.getByRole('heading', { name: 'Our desk' })).toBeVisible();
  await page.getByTestId('channel-check').click();
  await expect(page.getByTestId('channel-check-result')).toHaveText(/The provider answers/);

  await host.deliver('noa@example.org', box, 'From: Noa Bar <noa@example.org>', `To: ${box}`, 'Subject: =?utf-8?B?16nXldec15fXnw==?=', 'Message-ID: <n1@example.org>', 'Content-Type: text/plain; charset=utf-8', '', 'יש שולחן מאלון?');
  await page.goto(`${fresh.inbox}/inbox`);
  await page.getByTestId('conversation-row').filter({ hasText: 'יש שולחן מאלון?' }).click();
  await expect(page.getByTestId('message').filter({ hasText: 'יש שולחן מאלון?' })).toHaveAttribute('data-direction', 'in');
  await page.getByTestId('composer-input').fill('כן, שניים.');
  await page.getByTestId('composer-send').click();
  await expect(page.getByTestId('message').filter({ hasText: 'כן, שניים.' })).toHaveAttribute('data-status', 'sent');
  await expect.poll(async () => Object.values(await host.mails('noa@example.org', ''))).toHaveLength(1);
  const [answer] = Object.values(await host.mails('noa@example.org', ''));
  expect(answer).toContain('In-Reply-To: <n1@example.org>');
  expect(answer).toContain('From: "The desk" <desk@example.com>');
  await expect.poll(async () => Object.values(await host.mails(box, 'Sent'))).toHaveLength(1);
  await expect.poll(async () => Object.keys(await host.mails(box, '')).join()).toMatch(/:2,RS$/); // seen and answered

  await host.append(box, 'Sent', `From: ${box}`, 'To: Noa Bar <noa@example.org>', 'Subject: Re: Table', 'Message-ID: <typed@example.com>', 'In-Reply-To: <n1@example.org>', '', 'And a bench.', '');
  await expect(page.getByTestId('message').filter({ hasText: 'And a bench.' })).toHaveAttribute('data-direction', 'out');
  await expect(page.getByTestId('message')).toHaveCount(3);
});
