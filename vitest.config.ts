import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that leave no core idle, or judge what real time something took under load: one for each core, and no others beside them. */
const BUSY = [
  'packages/lease/src/simulation.test.ts',
  'apps/hotspare/src/e2e/reload.test.ts',
  'apps/hotspare/src/e2e/nginx.test.ts',
  'apps/hotspare/src/e2e/demo.test.ts',
  'apps/hotspare/src/failover-simulation.test.ts',
  'apps/hotspare/src/failover-simulation-rules.test.ts',
  'apps/hotspare/src/e2e/balance.test.ts',
  'packages/proxy/src/faults/faults.test.ts',
  'apps/hotspare/src/config/load-robust.test.ts',
  'apps/hotspare/src/config/accepted.test.ts',
  'apps/hotspare/src/e2e/tls.test.ts',
  'apps/hotspare/src/e2e/faults.test.ts',
  'apps/hotspare/src/e2e/engines.test.ts',
]

/**
 * Of the others, those that take longest: a run ends with many short ones, not with one worker at a long one. They wait for
 * processes and kernels most of the time.
 */
const SLOW = [
  'apps/hotspare/src/e2e/guard.test.ts',
  'apps/hotspare/src/e2e/cli.test.ts',
  'apps/hotspare/src/cluster/sites/two-sites.test.ts',
  'packages/vip/src/kernel.test.ts',
  'apps/hotspare/src/cluster/fencing/two-nodes.test.ts',
  'packages/lease/src/etcd/auth.test.ts',
  'packages/lease/src/etcd/election.test.ts',
  'packages/lease/src/postgres/trouble.test.ts',
  'apps/hotspare/src/cluster/votes/guards.test.ts',
  'apps/hotspare/src/e2e/checks.test.ts',
  'packages/heartbeat/src/process.test.ts',
  'packages/lease/src/etcd/cluster.test.ts',
  'apps/hotspare/src/e2e/quorum.test.ts',
]

const ORDER = [...BUSY, ...SLOW]
const ALL = '{packages,apps,tools,docs}/**/*.test.{ts,mjs}'
const NO_SOURCES = ['**/node_modules/**', '**/dist/**', '.toolchain/**']

/** By itself vitest knows how long a file takes only where it has run before: not in a fresh clone. */
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- no array's
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rank(one) - rank(other))
  }
}

function rank({ moduleId }: TestSpecification): number {
  const index = ORDER.findIndex((path) => moduleId.endsWith(`/${path}`))
  return index === -1 ? ORDER.length : index
}

// What the workers, and the programs that tests start from the sources, compile once: half of what such a start costs.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '.toolchain', 'compile-cache')

export default defineConfig({
  // Tests run from the sources, as `tsc` and `node --conditions=@hotspare/source` do: nothing needs a build first.
  resolve: { conditions: ['@hotspare/source'] },
  ssr: { resolve: { conditions: ['@hotspare/source'], externalConditions: ['@hotspare/source'] } },
  test: {
    testTimeout: 20_000,
    hookTimeout: 20_000,
    sequence: { sequencer: SlowestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'busy',
          include: BUSY,
          exclude: NO_SOURCES,
          maxWorkers: Math.max(2, availableParallelism() - 1),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        // Half of the time of these passes with waiting.
        test: {
          name: 'quiet',
          include: [ALL],
          exclude: [...NO_SOURCES, ...BUSY],
          maxWorkers: availableParallelism() + 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
