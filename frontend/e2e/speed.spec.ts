/**
 * How smooth it is: frames missed while a long conversation scrolls, and while 50 events a second come in and somebody types.
 * Prints ratios, to be compared on one machine; what must never happen (a lost key stroke, rows without end) is expected.
 */
import type { Page } from '@playwright/test';
import { ago, messagesOf } from './samples';
import { expect, prefer, test } from './fake';

test.use({ ownTimers: false });

interface Frames {
  shown: number;
  missed: number;
  worst: number;
  /** What the main thread computed, in milliseconds of processor time: it hardly depends on what else the machine does. */
  cpu: number;
  script: number;
}

/** Notes every frame from here on; the answer is what there was until it is asked for. */
async function watchFrames(page: Page): Promise<() => Promise<Frames>> {
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable', { timeDomain: 'threadTicks' });
  const used = async () => {
    const { metrics } = await client.send('Performance.getMetrics');
    const of = (name: string) => (metrics.find((m) => m.name === name)?.value ?? 0) * 1000;
    return { cpu: of('TaskDuration'), script: of('ScriptDuration') };
  };
  await page.evaluate(() => {
    const times: number[] = [];
    const note = (at: number) => {
      times.push(at);
      requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
    Object.assign(globalThis, { frameTimes: times });
  });
  const from = await used();
  return async () => {
    const to = await used();
    const times = await page.evaluate(() => (globalThis as unknown as { frameTimes: number[] }).frameTimes);
    const gaps = times.slice(1).map((at, i) => at - (times[i] ?? at));
    const missed = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / (1000 / 60)) - 1), 0);
    return { shown: times.length, missed, worst: Math.round(Math.max(...gaps)), cpu: to.cpu - from.cpu, script: to.script - from.script };
  };
}

/** Notes from here on how long each key stroke waited until the page had time for it, in ms; those that were shown within 16 ms are not counted. */
async function watchKeys(page: Page): Promise<() => Promise<{ median: number; worst: number }>> {
  await page.evaluate(() => {
    const waits: number[] = [];
    Object.assign(globalThis, { keyWaits: waits });
    const note = (list: PerformanceObserverEntryList) => {
      for (const entry of list.getEntries() as PerformanceEventTiming[]) if (entry.name === 'keydown') waits.push(entry.processingStart - entry.startTime);
    };
    new PerformanceObserver(note).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
  });
  return async () => {
    const waits = (await page.evaluate(() => (globalThis as unknown as { keyWaits: number[] }).keyWaits)).sort((a, b) => a - b);
    return { median: waits[Math.floor(waits.length / 2)] ?? 0, worst: waits.at(-1) ?? 0 };
  };
}

const say = (what: string, { shown, missed, worst, cpu, script }: Frames, per: [string, number], more: string) =>
  process.stdout.write(
    `${what}: ${shown} frames, ${missed} missed (${((100 * missed) / (shown + missed)).toFixed(1)} %), worst ${worst} ms; processor ${(cpu / per[1]).toFixed(1)} ms per ${per[0]} (script ${(script / per[1]).toFixed(1)}), ${more}\n`,
  );

for (const messages of [500, 10_000]) {
  test(`scrolling ${messages} messages`, async ({ page, gateway }) => {
    gateway.pageSize = messages;
    await prefer(page, 'en');
    await page.goto('/inbox/cnv_0');
    await page.getByTestId('message').last().waitFor();
    await page.waitForTimeout(500);
    const frames = await watchFrames(page);
    const rows = await page.getByTestId('thread').evaluate(
      (box) =>
        new Promise<number>((resolve) => {
          let left = 240;
          let most = 0;
          const step = () => {
            box.scrollTop -= 90;
            most = Math.max(most, box.querySelectorAll('article').length);
            if (left-- > 0) requestAnimationFrame(step);
            else resolve(most);
          };
          requestAnimationFrame(step);
        }),
    );
    const seen = await frames();
    say(`scroll ${messages}`, seen, ['frame', seen.shown], `at most ${rows} rows at once`);
    expect(rows).toBeLessThan(80);
  });

  test(`50 events a second and typing with ${messages} messages`, async ({ page, gateway }) => {
    gateway.pageSize = messages;
    await prefer(page, 'en');
    await page.goto('/inbox/cnv_0');
    await page.getByTestId('message').last().waitFor();
    await page.waitForTimeout(500);
    const sample = messagesOf('cnv_0', 1)[0]!;
    let sent = 0;
    const send = () => {
      const n = sent++;
      // Every third is said in the conversation on screen; the rest moves the others in the list.
      if (n % 3 === 0) return gateway.event('message.created', { ...sample, id: `msg_live_${n}`, direction: 'in', text: `event ${n}`, sent_at: ago(-1), created_at: ago(-1), seq: n });
      const conversation = gateway.conversations[1 + (n % 40)]!;
      gateway.event('conversation.updated', { ...conversation, unread_count: n, last_activity_at: new Date(Date.parse(ago(-2)) + n).toISOString(), updated_at: new Date(Date.parse(ago(-2)) + n).toISOString() });
    };
    const frames = await watchFrames(page);
    const keys = await watchKeys(page);
    const began = Date.now();
    const timer = setInterval(() => {
      for (let most = 5; most > 0 && sent < ((Date.now() - began) / 1000) * 50; most--) send();
    }, 10);
    const text = 'the quick brown fox answers everybody ';
    await page.getByTestId('composer-input').focus();
    for (const letter of text) {
      await page.keyboard.press(letter === ' ' ? 'Space' : letter);
      await page.waitForTimeout(40);
    }
    clearInterval(timer);
    const rate = sent / ((Date.now() - began) / 1000);
    const seen = await frames();
    const waited = await keys();
    const value = await page.getByTestId('composer-input').inputValue();
    say(`events ${messages}`, seen, ['event', sent], `${rate.toFixed(0)} events/s, ${text.length - value.length} of ${text.length} key strokes lost, which waited ${waited.median.toFixed(0)} ms (worst ${waited.worst.toFixed(0)})`);
    expect(seen.cpu / sent).toBeLessThan(12);
    expect(value).toBe(text);
    await expect(page.getByTestId('message').last()).toContainText(`event ${Math.floor((sent - 1) / 3) * 3}`);
  });
}

test('opening a conversation that was opened before', async ({ page, gateway }) => {
  gateway.pageSize = 50;
  await prefer(page, 'en');
  await page.goto('/inbox');
  const row = (n: number) => page.locator(`[data-conversation-id="cnv_${n}"]`).first();
  const open = async (n: number) => {
    await row(n).click();
    await expect(row(n)).toHaveAttribute('aria-current', /./);
    await page.getByTestId('message').last().waitFor();
  };
  const some = [0, 1, 2, 3, 4];
  for (const n of some) await open(n);
  const frames = await watchFrames(page);
  for (const n of [...some, ...some]) await open(n);
  const seen = await frames();
  const cost = seen.cpu / (2 * some.length);
  process.stdout.write(`opening: processor ${cost.toFixed(0)} ms each (script ${(seen.script / (2 * some.length)).toFixed(0)})\n`);
  expect(cost).toBeLessThan(400); // it is to become 100
});
