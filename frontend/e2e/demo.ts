import { type ChildProcess, spawn } from 'node:child_process';
import { expect, type Page, test as base } from '@playwright/test';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The real product: the built binary's demo with a folder and ports of its own. */
export interface Demo {
  inbox: string;
  phones: string;
  password: string;
  stop(): Promise<void>;
  /** Ends it at once, as a lost machine does. */
  kill(): Promise<void>;
  /** Stops and starts again on the same folder and ports. */
  restart(): Promise<void>;
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

/** Starts the binary and waits until it says what the pattern finds. */
function run(args: string[], env: Record<string, string>, ready: RegExp): Promise<{ process: ChildProcess; found: string }> {
  const child = spawn('../bin/wasl', args, { env: { PATH: process.env.PATH, ...env } });
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      const found = ready.exec(said);
      if (found) resolve({ process: child, found: found[1] ?? '' });
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`wasl ${args[0]} ended with ${code}: ${said}`)));
  });
}

const ended = (child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') =>
  new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });

async function startDemo(): Promise<Demo> {
  const dir = mkdtempSync(join(tmpdir(), 'wasl-e2e-'));
  const [inbox, phones] = [await freePort(), await freePort()];
  const start = () =>
    run(['demo', '--no-floor', '--sandbox-listen', `127.0.0.1:${phones}`], { WASL_DATA_DIR: dir, WASL_LISTEN: `127.0.0.1:${inbox}` }, /login: maya\S+ {2}password: (\S+)/);
  let { process: child, found: password } = await start();
  return {
    inbox: `http://localhost:${inbox}`,
    phones: `http://localhost:${phones}`,
    password,
    stop: () => ended(child),
    kill: () => ended(child, 'SIGKILL'),
    restart: async () => {
      await ended(child);
      ({ process: child } = await start());
    },
  };
}

/** A gateway as it is on its first day, with the providers beside it: nothing is connected. */
export async function startFresh(): Promise<Demo> {
  const dir = mkdtempSync(join(tmpdir(), 'wasl-e2e-'));
  const [inbox, phones] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const password = 'first-day-2026';
  const providers = await run(['sandbox', '--listen', phones, '--dir', join(dir, 'sandbox')], {}, /email: /);
  const gateway = await run(['serve'], {
    WASL_DATA_DIR: dir, WASL_LISTEN: inbox, WASL_PUBLIC_URL: `http://${inbox}`, WASL_ALLOW_PRIVATE_NETWORK: 'true', WASL_LOG_FORMAT: 'json',
    WASL_BOOTSTRAP_EMAIL: 'owner@example.com', WASL_BOOTSTRAP_PASSWORD: password, WASL_BOOTSTRAP_WORKSPACE: 'First day',
  }, /"message":"serving"/);
  return {
    inbox: `http://${inbox}`,
    phones: `http://${phones}`,
    password,
    stop: async () => void (await Promise.all([ended(gateway.process), ended(providers.process)])),
    kill: () => Promise.reject(new Error('a first day is not ended like that')),
    restart: () => Promise.reject(new Error('a first day is not started again')),
  };
}

/** Tests of the real product: one demo for all that one worker runs. */
export const test = base.extend<object, { demo: Demo }>({
  demo: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants to see that nothing else is needed
    async ({}, use) => {
      const demo = await startDemo();
      await use(demo);
      await demo.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
});

/** Signs in without the form, and waits for the inbox. */
export async function signIn(page: Page, demo: Demo, email: string): Promise<void> {
  const answer = await page.request.post(`${demo.inbox}/api/v1/auth/login`, { data: { email, password: demo.password } });
  expect(answer.ok()).toBe(true);
  await page.goto(`${demo.inbox}/inbox`);
  await expect(page.getByTestId('search-input')).toBeVisible();
}

export { expect } from '@playwright/test';
