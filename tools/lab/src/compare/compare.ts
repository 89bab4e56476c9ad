// Hotspare beside others under the same faults, and the table of the guide.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { systemClock } from '@hotspare/core'
import { removeNetworks } from '../network.ts'
import { sitePrograms } from '../takeover/site.ts'
import { comparedFaults } from './faults.ts'
import { readCompareOptions, usage } from './options.ts'
import { tasksFor } from './plan.ts'
import { Results, settingsId } from './results.ts'
import { measureCell } from './run.ts'
import { comparedSystems, type ComparedSystem } from './systems.ts'
import { type Circumstances, comparisonTables } from './table.ts'

/** The exit code after Ctrl-C. */
const INTERRUPTED = 130
const root = resolve(import.meta.dirname, '../../../..')
const choices = { systems: comparedSystems.map(({ id }) => id), faults: comparedFaults.map(({ id }) => id) }

/** @param given what stands on the command line after `--compare` */
export async function compare(given: readonly string[], signal: AbortSignal): Promise<void> {
  const options = readCompareOptions(given, choices)
  if (options.help) return print(usage(choices))
  const systems = comparedSystems.filter(({ id }) => options.systems.includes(id))
  const results = new Results(options.cache)
  if (!options.tableOnly) {
    const lacking = missingPrograms(systems)
    if (lacking.length > 0) throw new Error(`not installed: ${lacking.join(', ')}`)
    // What has been measured is written already; nothing else is worth waiting for.
    const interrupted = () => {
      removeNetworks()
      process.exit(INTERRUPTED)
    }
    signal.addEventListener('abort', interrupted, { once: true })
    await measureAll(systems, options, results)
  }
  const settings = new Map(comparedSystems.map(({ id, files }) => [id, settingsId(files)]))
  const cells = results.all().filter((cell) => settings.get(cell.system) === cell.settings)
  const circumstances = describe(cells.flatMap(({ rounds }) => rounds.map(({ at }) => at)))
  mkdirSync(options.out, { recursive: true })
  const measured = new Set(cells.map(({ system }) => system))
  const write = (file: string, text: string) => writeFileSync(join(options.out, file), `${text}\n`)
  write('comparison-table.txt', comparisonTables(comparedFaults, comparedSystems, cells, circumstances))
  write('comparison-settings.txt', comparedSystems.map(settingsText).join('\n\n'))
  write('comparison.json', JSON.stringify({ ...circumstances, systems: [...measured], cells }, undefined, 1))
  // It is checked in, and what is checked in is formatted.
  spawnSync(join(root, 'node_modules/.bin/oxfmt'), [join(options.out, 'comparison.json')], { cwd: root })
  print(`written to ${options.out}`)
}

async function measureAll(
  systems: readonly ComparedSystem[],
  { rounds, faults }: { readonly rounds: number; readonly faults: readonly string[] },
  results: Results,
): Promise<void> {
  const candidates = systems.map(({ id, files, create }) => {
    const made = create()
    return { id, settings: settingsId(files), faults: comparedFaults.filter(({ applies }) => applies(made)).map((fault) => fault.id) }
  })
  const tasks = tasksFor({ rounds, faults, systems: candidates }, results.all())
  for (const [index, task] of tasks.entries()) {
    const system = systems.find(({ id }) => id === task.system)
    const fault = comparedFaults.find(({ id }) => id === task.fault)
    if (!system || !fault) continue
    const place = `${index + 1} of ${tasks.length}`
    await measureCell(task, system, fault, results, (line) => print(`${place}: ${task.fault}: ${task.system}: ${line}`))
  }
}

function missingPrograms(systems: readonly ComparedSystem[]): readonly string[] {
  const needed = new Set([...sitePrograms, 'nft', 'stress-ng', ...systems.flatMap(({ programs }) => programs)])
  return [...needed].filter((program) => spawnSync('which', [program]).status !== 0)
}

function describe(times: readonly string[]): Circumstances {
  const sorted = times.toSorted()
  const days = new Set([sorted[0], sorted.at(-1)].map((time) => dayOf(time ?? systemClock.wallMs())))
  const { version } = JSON.parse(readFileSync(join(root, 'apps/hotspare/package.json'), 'utf8')) as { readonly version: string }
  const gib = Math.round(totalmem() / 2 ** 30)
  return {
    date: [...days].join(' to '),
    machine: `${cpus()[0]?.model.trim() ?? 'an unknown CPU'}, ${cpus().length} cores, ${gib} GiB`,
    kernel: release(),
    versions: [`hotspare ${version}`, `Node ${process.versions.node}`, ...packageVersions],
  }
}

function dayOf(time: string | number): string {
  return new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
}

const packageVersions: readonly string[] = ['keepalived', 'pacemaker', 'corosync', 'etcd-server'].flatMap((name) => {
  const { status, stdout } = spawnSync('dpkg-query', ['--show', '--showformat=${Version}', name], { encoding: 'utf8' })
  return status === 0 && stdout !== '' ? [`${name} ${stdout}`] : []
})

function settingsText({ title, files }: ComparedSystem): string {
  const blocks = Object.entries(files).map(([file, text]) => `\`${file}\`:\n\n\`\`\`text\n${text.trimEnd()}\n\`\`\``)
  return [`### ${title}`, ...blocks].join('\n\n')
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
