import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import type { Plugin } from 'vite';
import { emojiData } from './vite.emoji';

/** Writes .br and .gz beside every text file of the build, so that the server only has to pick one. */
function precompress(): Plugin {
  let out = 'dist';
  return {
    name: 'precompress',
    apply: 'build',
    configResolved: (config) => {
      out = config.build.outDir;
    },
    closeBundle: () => {
      for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|html|svg|json|webmanifest)$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const raw = readFileSync(path);
        if (raw.length < 1024) continue;
        writeFileSync(`${path}.br`, brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
        writeFileSync(`${path}.gz`, gzipSync(raw, { level: 9 }));
      }
    },
  };
}

/** Keeps dist/.keep, which lets the Go side compile before the first web build. */
function keepFile(): Plugin {
  return {
    name: 'keep-file',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: '.keep', source: '' });
    },
  };
}

const gateway = process.env.WASL_DEV_GATEWAY ?? 'http://localhost:8080';

export default defineConfig({
  plugins: [react(), emojiData(), keepFile(), precompress()],
  resolve: { alias: { '~': join(import.meta.dirname, 'src') } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 2048,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Few files for the first look, because each costs a round trip; what only some pages need stays apart.
          groups: [
            { name: 'vendor', test: /node_modules[\\/](?!frimousse|@mantine[\\/]form|@mantine[\\/]core[\\/]esm[\\/]components[\\/](?:PasswordInput|Switch)).*\.(?:m?js|cjs)$/, minShareCount: 1 },
            { name: 'shared', test: /src[\\/]shared[\\/](?!i18n[\\/]locales|notify[\\/]SoundCheck).*\.tsx?$/ },
            ...['en', 'he', 'ar'].map((language) => ({ name: `words-${language}`, test: new RegExp(`locales[\\\\/]${language}[\\\\/]`) })),
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': { target: gateway, ws: true } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'], setupFiles: ['src/shared/test/setup.ts'] },
});
