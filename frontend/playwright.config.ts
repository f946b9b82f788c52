import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const system = '/usr/bin/chromium';

export default defineConfig({
  testDir: 'e2e',
  fullyParallel: true,
  // Pictures are no tests: they are taken when a folder for them is named.
  projects: process.env.WASL_SCREENS ? [{ name: 'screens', testMatch: /screens\.spec\.ts$/ }] : [{ name: 'tests', testIgnore: /screens\.spec\.ts$/ }],
  workers: 2,
  forbidOnly: !!process.env.CI,
  // Again in a browser and a demo of its own, and then reported as flaky: one slow moment of a shared machine decides nothing.
  retries: process.env.CI ? 1 : 0,
  reporter: 'list',
  timeout: 240_000,
  expect: { timeout: 20_000 },
  use: {
    baseURL: process.env.WASL_E2E_URL ?? 'http://localhost:4173',
    viewport: { width: 1440, height: 900 },
    timezoneId: 'Asia/Jerusalem',
    trace: 'retain-on-failure',
    serviceWorkers: 'block', // but where they are looked at
    launchOptions: {
      args: ['--no-sandbox'],
      ...(existsSync(system) && { executablePath: system }),
    },
  },
  webServer: process.env.WASL_E2E_URL ? undefined : { command: 'npx vite preview --port 4173 --strictPort', port: 4173, reuseExistingServer: false },
});
