import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The files that take longest, in the order in which they start: a run ends with many short ones, not with one worker at
 * a long one. Those that leave no core idle come first and beside each other; after them those that wait for processes
 * and kernels, some of which judge what real time they took.
 */
const SLOWEST = [
  'packages/lease/src/simulation.test.ts',
  'apps/hotspare/src/e2e/nginx.test.ts',
  'apps/hotspare/src/failover-simulation.test.ts',
  'apps/hotspare/src/failover-simulation-rules.test.ts',
  'apps/hotspare/src/config/load-robust.test.ts',
  'apps/hotspare/src/config/accepted.test.ts',
  'apps/hotspare/src/e2e/reload.test.ts',
  'apps/hotspare/src/e2e/engines.test.ts',
  'apps/hotspare/src/e2e/guard.test.ts',
  'packages/vip/src/kernel.test.ts',
  'apps/hotspare/src/e2e/demo.test.ts',
  'apps/hotspare/src/e2e/cli.test.ts',
  'packages/lease/src/etcd/auth.test.ts',
  'packages/lease/src/etcd/election.test.ts',
  'packages/heartbeat/src/process.test.ts',
  'packages/lease/src/etcd/cluster.test.ts',
]

/** By itself vitest knows how long a file takes only where it has run before: not in a fresh clone. */
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- no array's
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rank(one) - rank(other))
  }
}

function rank({ moduleId }: TestSpecification): number {
  const index = SLOWEST.findIndex((path) => moduleId.endsWith(`/${path}`))
  return index === -1 ? SLOWEST.length : index
}

// What the workers, and the programs that tests start from the sources, compile once: half of what such a start costs.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '.toolchain', 'compile-cache')

export default defineConfig({
  // Tests run from the sources, as `tsc` and `node --conditions=@hotspare/source` do: nothing needs a build first.
  resolve: { conditions: ['@hotspare/source'] },
  ssr: { resolve: { conditions: ['@hotspare/source'], externalConditions: ['@hotspare/source'] } },
  test: {
    include: ['{packages,apps,tools,docs}/**/*.test.{ts,mjs}'],
    exclude: ['**/node_modules/**', '**/dist/**', '.toolchain/**'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Half of the time passes with waiting for processes and kernels; more at once, and those that judge real time suffer.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: SlowestFirst },
  },
})
