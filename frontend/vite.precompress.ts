import { brotliCompressSync, constants } from 'node:zlib';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Plugin } from 'vite';

/**
 * Packs every text file of the build as .br, which is all that the binary holds of it: it makes other forms for the clients that want them. Only
 * index.html also stays as it is.
 */
export function precompress(wanted = /\.(js|css|html|svg|json|webmanifest)$/): Plugin {
  let out = 'dist';
  return {
    name: 'precompress',
    apply: 'build',
    configResolved: (config) => {
      out = config.build.outDir;
    },
    closeBundle: () => {
      for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !wanted.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const raw = readFileSync(path);
        if (raw.length < 1024) continue;
        writeFileSync(`${path}.br`, brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
        if (entry.name !== 'index.html') rmSync(path);
      }
    },
  };
}

const types: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html', '.svg': 'image/svg+xml', '.json': 'application/json', '.webmanifest': 'application/manifest+json' };

/** Lets the preview, which browser tests look at, show a build of packed files as the gateway does. */
export function servePacked(): Plugin {
  return {
    name: 'serve-packed',
    configurePreviewServer: ({ config, middlewares }) => {
      middlewares.use((request, response, next) => {
        const { pathname } = new URL(request.url ?? '/', 'http://preview');
        const plain = join(config.build.outDir, pathname);
        const type = types[extname(pathname)];
        if (!type || !existsSync(`${plain}.br`)) return next();
        response.setHeader('Content-Type', type).setHeader('Content-Encoding', 'br').end(readFileSync(`${plain}.br`));
      });
    },
  };
}
