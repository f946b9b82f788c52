import { type ChildProcess, spawn } from 'node:child_process';
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

function start(dir: string, inbox: number, phones: number): Promise<{ process: ChildProcess; password: string }> {
  const child = spawn('../bin/wasl', ['demo', '--sandbox-listen', `127.0.0.1:${phones}`], {
    env: { PATH: process.env.PATH, WASL_DATA_DIR: dir, WASL_LISTEN: `127.0.0.1:${inbox}` },
  });
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const password = /login: maya\S+ {2}password: (\S+)/.exec(said)?.[1];
      if (password) resolve({ process: child, password });
    });
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`wasl demo ended with ${code}: ${said}`)));
  });
}

const ended = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });

export async function startDemo(): Promise<Demo> {
  const dir = mkdtempSync(join(tmpdir(), 'wasl-e2e-'));
  const [inbox, phones] = [await freePort(), await freePort()];
  let running = await start(dir, inbox, phones);
  return {
    inbox: `http://localhost:${inbox}`,
    phones: `http://localhost:${phones}`,
    password: running.password,
    stop: () => ended(running.process),
    restart: async () => {
      await ended(running.process);
      running = await start(dir, inbox, phones);
    },
  };
}
