import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { precompress } from './vite.precompress';

/** What the app was built into: what the first look needs (what the page names itself, and the inbox with its words), and all hashed files. */
function build(): Plugin {
  const config = () => {
    const dist = join(import.meta.dirname, 'dist');
    const html = readFileSync(join(dist, 'index.html'), 'utf8');
    const assets = [...new Set(readdirSync(join(dist, 'assets')).map((name) => `/assets/${name.replace(/\.(br|gz)$/, '')}`))].sort();
    const named = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1] ?? '');
    const shell = [...new Set([...named, ...assets.filter((name) => /\/(InboxPage|words-\w+)-[^/]+\.(js|css)$/.test(name))])];
    const version = createHash('sha256').update(html + assets.join()).digest('hex').slice(0, 12);
    return { define: { BUILD: JSON.stringify({ version, shell, assets }) } };
  };
  return { name: 'build', apply: 'build', config };
}

// The service worker: one file with the names of what the app was built into, so it is built after it.
export default defineConfig({
  publicDir: false,
  plugins: [build(), precompress(/^sw\.js$/)],
  build: {
    target: 'es2022',
    emptyOutDir: false,
    lib: { entry: 'sw/sw.ts', formats: ['iife'], name: 'sw', fileName: () => 'sw.js' },
  },
});
