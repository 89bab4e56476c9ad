import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Tests run from the sources, as `tsc` and `node --conditions=@hotspare/source` do: nothing needs a build first.
  resolve: { conditions: ['@hotspare/source'] },
  ssr: { resolve: { conditions: ['@hotspare/source'], externalConditions: ['@hotspare/source'] } },
  test: {
    include: ['{packages,apps,tools,docs}/**/*.test.{ts,mjs}'],
    exclude: ['**/node_modules/**', '**/dist/**', '.toolchain/**'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
})
