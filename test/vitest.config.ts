import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const conditions = ['@heaptape/source', 'module', 'node', 'development|production'];

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    reporters: [
      'default',
      fileURLToPath(new URL('tools/closing-line-reporter.mjs', import.meta.url)),
    ],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
