import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { errorText, HotspareError } from '@hotspare/core'

export interface CompareOptions {
  readonly rounds: number
  /** Ids, in the order of the table. */
  readonly systems: readonly string[]
  readonly faults: readonly string[]
  /** Where rounds are kept between runs. */
  readonly cache: string
  /** Where the table and the numbers are written. */
  readonly out: string
  /** Measures nothing: writes the table of what is there. */
  readonly tableOnly: boolean
  readonly help: boolean
}

/** What may be chosen from. */
export interface Choices {
  readonly systems: readonly string[]
  readonly faults: readonly string[]
}

const MOST_ROUNDS = 100
const DEFAULT_ROUNDS = 5
const docs = resolve(import.meta.dirname, '../../../../docs/guide')

export function usage({ systems, faults }: Choices): string {
  return `npm run lab:compare -- [options]

Measures Hotspare beside keepalived and Pacemaker under the same faults, and writes the table of docs/guide/comparison.md.
It is resumed where it was left; nothing else should run on the machine meanwhile.

  --rounds N     how often each is measured (${DEFAULT_ROUNDS})
  --systems A,B  these alone: ${systems.join(', ')}
  --faults X,Y   these alone: ${faults.join(', ')}
  --cache DIR    where rounds are kept between runs (${defaultCache()})
  --out DIR      where the table and the numbers are written (docs/guide)
  --table        measures nothing, and writes the table of what is there
  --help         this text`
}

/** @throws HotspareError `HOTSPARE_LAB_USAGE` */
export function readCompareOptions(given: readonly string[], choices: Choices): CompareOptions {
  const fail = (problem: string) => new HotspareError({ code: 'HOTSPARE_LAB_USAGE', message: `lab: ${problem}\n\n${usage(choices)}` })
  const values = parse(given, fail)
  const rounds = Number(values.rounds ?? DEFAULT_ROUNDS)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MOST_ROUNDS) {
    throw fail(`--rounds is "${values.rounds}": write a whole number from 1 to ${MOST_ROUNDS}`)
  }
  const chosen = (flag: keyof Choices) => {
    const named = values[flag]?.split(',').filter(Boolean)
    const unknown = named?.find((name) => !choices[flag].includes(name))
    if (unknown !== undefined) throw fail(`--${flag} has "${unknown}": write some of ${choices[flag].join(', ')}`)
    return choices[flag].filter((name) => named?.includes(name) ?? true)
  }
  return {
    rounds,
    systems: chosen('systems'),
    faults: chosen('faults'),
    cache: resolve(values.cache ?? defaultCache()),
    out: resolve(values.out ?? docs),
    tableOnly: values.table ?? false,
    help: values.help ?? false,
  }
}

function defaultCache(): string {
  return join(tmpdir(), 'hotspare-compare')
}

function parse(given: readonly string[], fail: (problem: string) => HotspareError) {
  try {
    return parseArgs({
      args: [...given],
      options: {
        rounds: { type: 'string' },
        systems: { type: 'string' },
        faults: { type: 'string' },
        cache: { type: 'string' },
        out: { type: 'string' },
        table: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw fail(errorText(error))
  }
}
