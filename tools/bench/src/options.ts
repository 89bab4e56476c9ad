import { parseArgs } from 'node:util'
import { errorText, HotspareError } from '@hotspare/core'

const PARTS = ['pick', 'lease', 'heartbeat', 'health', 'proxy', 'tcp', 'dns'] as const
type Part = (typeof PARTS)[number]

export interface BenchOptions {
  readonly parts: readonly Part[]
  readonly quick: boolean
  /** Where to write every measured number. */
  readonly json: string | undefined
  readonly help: boolean
}

export const USAGE = `npm run bench -- [options]

What a request costs in Hotspare's proxy and in others, what a pick of a target costs, how many renewals a second each
keeper of leases takes, what a node costs that watches its peers, what it costs to look at targets, what bytes and
connections cost that are handed on as they come, and what an answer of a name server costs; some fifteen minutes.

  --quick      some five minutes: to see that it works, not to compare closely
  --only PART  one part of it: ${PARTS.join(', ')}
  --json FILE  writes every measured number to FILE
  --help       this text`

/** @throws HotspareError `HOTSPARE_BENCH_USAGE` */
export function readOptions(given: readonly string[]): BenchOptions {
  const { quick, only, json, help } = parse(given)
  const part = PARTS.find((name) => name === only)
  if (only !== undefined && part === undefined) throw usage(`--only is "${only}": write one of ${PARTS.join(', ')}`)
  if (json === '') throw usage('--json needs a file')
  return { parts: part ? [part] : PARTS, quick: quick ?? false, json, help: help ?? false }
}

function parse(given: readonly string[]) {
  try {
    return parseArgs({
      args: [...given],
      options: { quick: { type: 'boolean' }, only: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean' } },
    }).values
  } catch (error) {
    throw usage(errorText(error))
  }
}

function usage(problem: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_BENCH_USAGE', message: `bench: ${problem}\n\n${USAGE}` })
}
