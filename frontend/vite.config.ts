import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import type { Plugin } from 'vite';
import { emojiData } from './vite.emoji';
import { precompress, servePacked } from './vite.precompress';

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

/** What no part of the first look at the inbox uses, and so must not be in its files: dialogs, forms and pickers. */
const seldomComponents = 'Alert|Autocomplete|ColorInput|ColorPicker|ColorSwatch|Combobox|FileButton|FloatingIndicator|Modal|ModalBase|MultiSelect|NativeSelect|PasswordInput|Pill|PillsInput|Popover|ScrollArea|SegmentedControl|Select|Switch|TagsInput|Textarea';
const seldomPackages = '@floating-ui|frimousse|@mantine/form|klona|fast-deep-equal|react-remove-scroll|react-remove-scroll-bar|react-style-singleton|use-sidecar|use-callback-ref';
const seldom = new RegExp(`node_modules/(?:${seldomPackages})/|@mantine/core/esm/utils/Floating/|@mantine/core/esm/components/(?:${seldomComponents})/`);

const icon = /@tabler\/icons-react\/dist\/esm\/icons\//;

export default defineConfig({
  plugins: [react(), emojiData(), keepFile(), precompress(), servePacked()],
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
            { name: 'vendor', test: (id) => id.includes('node_modules') && !seldom.test(id) && !icon.test(id) },
            { name: 'icons', test: icon, minShareCount: 2 }, // an icon of one page is a part of that page
            { name: 'shared', test: /src[\\/]shared[\\/](?!i18n[\\/]locales|notify[\\/](?:SoundTest|device)).*\.tsx?$/ },
            ...['en', 'he', 'ar'].map((language) => ({ name: `words-${language}`, test: new RegExp(`locales[\\\\/]${language}[\\\\/](?:common|composer|inbox|thread)`) })),
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': { target: gateway, ws: true } } },
  test: { environment: 'happy-dom', include: ['{src,widget,sw}/**/*.test.{ts,tsx}'], setupFiles: ['src/shared/test/setup.ts'] },
});
