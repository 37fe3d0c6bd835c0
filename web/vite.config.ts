import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

const out = process.env.UHOH_WEB_OUT ?? 'dist';

// Leaves a .gz beside each file that it makes smaller: the server sends what it has.
function gzipBeside(folder: string): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (statSync(file).isDirectory()) gzipBeside(file);
    else if (!name.endsWith('.gz')) {
      const zipped = gzipSync(readFileSync(file), { level: 9 });
      if (zipped.length + 100 < statSync(file).size) writeFileSync(`${file}.gz`, zipped);
    }
  }
}

// The client, which must stay small; the console for administrators; the page that lets clients of QQ in by picture.
export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    target: 'es2022',
    outDir: out,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { main: 'index.html', admin: 'admin/index.html', qr: 'qr/index.html' } },
  },
  plugins: [{ name: 'gzip-beside', apply: 'build', closeBundle: () => gzipBeside(out) }],
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } } },
});
