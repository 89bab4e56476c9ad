// `npm run bench` comes here once the toolchain is ready.
import { writeFile } from 'node:fs/promises'
import { errorText, HotspareError, systemClock, systemRandom } from '@hotspare/core'
import { chooseCores, type Cores, describeMachine } from './machine.ts'
import { type BenchOptions, readOptions, USAGE } from './options.ts'
import { benchPicks } from './pick/bench-picks.ts'
import { type PickReport, pickReportText } from './pick/report.ts'
import { fullPlan, LONGEST_RUN_MS, quickPlan } from './plans.ts'
import { Progress } from './progress.ts'
import { benchProxies } from './proxy/bench-proxies.ts'
import { type ProxyReport, proxyReportText } from './proxy/report.ts'
import { references } from './proxy/systems.ts'

interface Results {
  readonly proxy?: ProxyReport | undefined
  readonly pick?: PickReport | undefined
  /** What could not be measured at all. */
  readonly unmeasured?: string | undefined
}

/** @returns the exit code */
async function main(options: BenchOptions, signal: AbortSignal): Promise<number> {
  if (options.help) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  const startedAt = new Date(systemClock.wallMs()).toISOString()
  const cores = await chooseCores()
  const plan = options.quick ? quickPlan : fullPlan
  const progress = new Progress(process.stderr)
  const results = await measure(options, plan, cores, progress, signal).finally(() => progress.end())

  print(`# ${startedAt.slice(0, 16).replace('T', ' ')} UTC: ${describeMachine()}`)
  print(describeCores(cores))
  if (results.proxy) {
    const { rounds, secondsPerTurn } = plan.proxy
    print(`## Proxy: keep-alive, medians of ${rounds} interleaved round(s) of ${secondsPerTurn} s`)
    print(
      proxyReportText(
        results.proxy,
        references.map(({ name }) => name),
      ),
    )
  }
  if (results.unmeasured !== undefined) print(results.unmeasured)
  if (results.pick) {
    print(`## Pick and give back: medians of ${plan.pick.rounds} interleaved rounds of ${plan.pick.batchMs} ms, 16 picks open`)
    print(pickReportText(results.pick))
  }
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify({ startedAt, machine: describeMachine(), cores, plan, ...results }, null, 2)}\n`)
  }
  return results.unmeasured === undefined && [results.proxy, results.pick].every((report) => (report?.broken.length ?? 0) === 0) ? 0 : 1
}

async function measure(
  options: BenchOptions,
  plan: typeof fullPlan,
  cores: Cores,
  progress: Progress,
  signal: AbortSignal,
): Promise<Results> {
  const common = { cores, signal, progress: (line: string) => progress.step(line) }
  // Picks first: they are quick, and need nothing from outside.
  const pick = options.parts.includes('pick') ? await benchPicks({ ...common, plan: plan.pick }) : undefined
  if (!options.parts.includes('proxy')) return { pick }
  try {
    return { pick, proxy: await benchProxies({ ...common, plan: plan.proxy, random: systemRandom }) }
  } catch (error) {
    if (!HotspareError.is(error) || error.code !== 'HOTSPARE_BENCH_NEEDS') throw error
    return { pick, unmeasured: `NOT MEASURED: ${error.message}` }
  }
}

function describeCores({ proxy, load }: Cores): string {
  if (proxy === undefined) return 'Nothing is pinned to a core: that takes two cores and `taskset` (apt-get install util-linux).'
  return `Proxies and picks run on core ${proxy}, origin and load generator on core ${load}.`
}

function print(text: string): void {
  process.stdout.write(`${text}\n\n`)
}

const interruption = new AbortController()
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }
for (const [signal, code] of Object.entries(EXIT_CODES)) {
  process.once(signal, () => {
    process.exitCode = code
    interruption.abort()
  })
}
try {
  const options = readOptions(process.argv.slice(2))
  const code = await main(options, AbortSignal.any([interruption.signal, AbortSignal.timeout(LONGEST_RUN_MS)]))
  process.exitCode ??= code
} catch (error) {
  if (!interruption.signal.aborted) {
    console.error(errorText(error))
    process.exitCode = HotspareError.is(error) && error.code === 'HOTSPARE_BENCH_USAGE' ? 2 : 1
  }
}
