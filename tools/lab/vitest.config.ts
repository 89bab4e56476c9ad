import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['@hotspare/source'] },
  ssr: { resolve: { conditions: ['@hotspare/source'], externalConditions: ['@hotspare/source'] } },
  test: {
    include: ['tools/lab/**/*.lab.ts'],
    // Minutes each, and medians of many rounds: not for the short form.
    exclude: process.env['HOTSPARE_LAB_SHORT'] === '1' ? ['**/comparison.lab.ts', '**/*.long.lab.ts'] : [],
    // Machines of different tests must not share the two cores.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
})
