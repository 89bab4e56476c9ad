import assert from 'node:assert/strict'
import { sleep } from '@hotspare/core'
import type { Probe } from '../probe.ts'

/** A probe and the target that it looks at. */
export interface ProbeScenario {
  readonly probe: Probe
  /** Connections that the target sees open; left out where there are none to count. */
  readonly openConnections?: (() => number) | undefined
  /** Takes the target away. */
  readonly close: () => Promise<void>
}

export interface ProbeContractOptions {
  /** Where the tests are registered: vitest's, node:test's, ... */
  readonly runner: {
    readonly describe: (name: string, register: () => void) => void
    readonly it: (name: string, test: () => Promise<void>) => void
  }
  /** The driver, as it stands in the names of the tests. */
  readonly name: string
  /** A target that is well. */
  readonly healthy: () => Promise<ProbeScenario>
  /** A target that is not there, and says so at once. */
  readonly dead: () => Promise<ProbeScenario>
  /** A target that takes the probe and never answers; left out where being taken is all that the probe wants. */
  readonly silent?: (() => Promise<ProbeScenario>) | undefined
}

const SETTLE_MS = 5_000

/** What a line of a history takes. */
const MAX_DETAIL_CHARACTERS = 200

/** What every driver of {@link Probe} must do: register it in the driver's own tests. */
export function probeContract(options: ProbeContractOptions): void {
  const { runner, name, healthy, dead, silent } = options
  const test = (sentence: string, open: () => Promise<ProbeScenario>, body: (scenario: ProbeScenario) => Promise<void>) =>
    runner.it(sentence, async () => {
      const scenario = await open()
      try {
        await body(scenario)
        await nothingOpen(scenario)
      } finally {
        await scenario.close()
      }
    })

  runner.describe(`${name} keeps the contract of a probe`, () => {
    test('a target that is not there is a failed result, not an error', dead, async ({ probe }) => {
      const result = await probe.run()
      assert.equal(result.outcome, 'fail')
      assertReadable(result)
    })
    test('a healthy target passes, with a duration and a clause for people', healthy, async ({ probe }) => {
      const result = await probe.run()
      assert.equal(result.outcome, 'pass', result.detail)
      assertReadable(result)
    })
    test('it says what it is, what it looks at and how long that may take', healthy, async ({ probe }) => {
      assert.match(probe.type, /^[a-z][a-z0-9-]*$/)
      assert.notEqual(probe.address, '')
      assert.ok(probe.timeoutMs > 0 && Number.isFinite(probe.timeoutMs))
      await Promise.resolve()
    })
    test('runs at the same time do not disturb each other', healthy, async ({ probe }) => {
      const results = await Promise.all([probe.run(), probe.run(), probe.run()])
      assert.deepEqual(
        results.map(({ outcome }) => outcome),
        ['pass', 'pass', 'pass'],
      )
    })
    test('a signal that has aborted before the start rejects with its reason', healthy, async ({ probe }) => {
      const reason = new Error('not today')
      await assert.rejects(probe.run({ signal: AbortSignal.abort(reason) }), reason)
    })
    if (!silent) return
    test('a silent target fails with a timeout', silent, async ({ probe }) => {
      const result = await probe.run()
      assert.equal(result.outcome === 'fail' ? result.reason : 'pass', 'timeout')
      assert.ok(result.durationMs >= probe.timeoutMs - 1, `${result.durationMs} ms`)
      assertReadable(result)
    })
    test('a signal that aborts during the run rejects with its reason', silent, async ({ probe }) => {
      const controller = new AbortController()
      const reason = new Error('changed my mind')
      const run = probe.run({ signal: controller.signal })
      controller.abort(reason)
      await assert.rejects(run, reason)
    })
  })
}

function assertReadable({ durationMs, detail }: { readonly durationMs: number; readonly detail: string }): void {
  assert.ok(durationMs >= 0 && Number.isFinite(durationMs), `${durationMs} ms`)
  assert.ok(detail.length > 0 && detail.length <= MAX_DETAIL_CHARACTERS, detail)
  assert.doesNotMatch(detail, /\p{Cc}/u)
}

/** The other end learns of a close a moment later; a leak stays for good. */
async function nothingOpen({ openConnections = () => 0 }: ProbeScenario): Promise<void> {
  let waitedMs = 0
  while (openConnections() > 0) {
    assert.ok(waitedMs < SETTLE_MS, 'a connection is still open after the run')
    await sleep(10)
    waitedMs += 10
  }
}
