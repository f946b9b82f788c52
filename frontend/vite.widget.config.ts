import { defineConfig } from 'vite';
import { precompress } from './vite.precompress';

// The chat for other people's websites: one classic script, which asks for nothing else. It is built into the same folder as the app,
// after it.
export default defineConfig({
  publicDir: false,
  plugins: [precompress(/^widget\.js$/)],
  build: {
    target: 'es2022',
    emptyOutDir: false,
    lib: { entry: 'widget/main.ts', formats: ['iife'], name: 'wasl', fileName: () => 'widget.js' },
  },
});
