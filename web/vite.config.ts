// How the browser app is built: static files that work from any path and need nothing else.
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';

import { LicenceReport } from './build/licences.ts';

const packageData = fileURLToPath(new URL('../graph_api/web/', import.meta.url));
const licences = new LicenceReport(`${packageData}THIRD_PARTY_LICENSES.txt`);

export default defineConfig({
  // Relative addresses, so that the page also works behind a reverse proxy that adds a prefix.
  base: './',
  plugins: [licences.report()],
  // Workers are builds of their own, with modules that the page itself may not contain.
  worker: { format: 'es', plugins: () => [licences.collect()] },
  build: {
    outDir: `${packageData}graphiql`,
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    // The editor is one large chunk by nature; the tests hold the total instead.
    chunkSizeWarningLimit: 4096,
    reportCompressedSize: false,
    rolldownOptions: {
      // GraphiQL makes the names of its icons, for those who cannot see them, from those of their functions.
      output: { keepNames: true },
      checks: {
        // "use client" means something to server rendering only, and dozens of modules carry it.
        moduleLevelDirective: false,
      },
    },
  },
});
