// `npm run bench` comes here once the toolchain is ready.
import { writeFile } from 'node:fs/promises'
import { errorText, HotspareError, systemClock, systemRandom } from '@hotspare/core'
import { benchDns } from './dns/bench-dns.ts'
import { type DnsReport, dnsReportText } from './dns/report.ts'
import { dnsReference } from './dns/systems.ts'
import { benchHeartbeats } from './heartbeat/bench-heartbeats.ts'
import { type HeartbeatReport, heartbeatReportText } from './heartbeat/report.ts'
import { floor, INTERVAL_MS } from './heartbeat/subjects.ts'
import { benchProbes } from './health/bench-probes.ts'
import { type ProbeReport, probeReportText } from './health/report.ts'
import { references as probers } from './health/subjects.ts'
import { benchLeases } from './lease/bench-leases.ts'
import { type LeaseReport, leaseReportText } from './lease/report.ts'
import { chooseCores, type Cores, describeLoad, describeMachine } from './machine.ts'
import { type BenchOptions, readOptions, USAGE } from './options.ts'
import { benchPicks } from './pick/bench-picks.ts'
import { type PickReport, pickReportText } from './pick/report.ts'
import { fullPlan, LONGEST_RUN_MS, quickPlan } from './plans.ts'
import { Progress } from './progress.ts'
import { benchProxies } from './proxy/bench-proxies.ts'
import { type ProxyReport, proxyReportText } from './proxy/report.ts'
import { references } from './proxy/systems.ts'
import { benchTcp } from './tcp/bench-tcp.ts'
import { type TcpReport, tcpReportText } from './tcp/report.ts'
import { tcpReference } from './tcp/systems.ts'

interface Results {
  readonly proxy?: ProxyReport | undefined
  readonly tcp?: TcpReport | undefined
  readonly pick?: PickReport | undefined
  readonly lease?: LeaseReport | undefined
  readonly heartbeat?: HeartbeatReport | undefined
  readonly health?: ProbeReport | undefined
  readonly dns?: DnsReport | undefined
  /** What could not be measured at all. */
  readonly unmeasured: readonly string[]
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
  const loadBefore = describeLoad()
  const progress = new Progress(process.stderr)
  const results = await measure(options, plan, cores, progress, signal).finally(() => progress.end())

  print(`# ${startedAt.slice(0, 16).replace('T', ' ')} UTC: ${describeMachine()}`)
  print(`${describeCores(cores)}\nLoad average when it began: ${loadBefore}; when it ended: ${describeLoad()}.`)
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
  if (results.tcp) {
    const { rounds, secondsPerTurn } = plan.tcp
    print(`## TCP: medians of ${rounds} interleaved round(s) of ${secondsPerTurn} s`)
    print(tcpReportText(results.tcp, tcpReference.name))
  }
  for (const because of results.unmeasured) print(because)
  if (results.pick) {
    print(`## Pick and give back: medians of ${plan.pick.rounds} interleaved rounds of ${plan.pick.batchMs} ms, 16 picks open`)
    print(pickReportText(results.pick))
  }
  if (results.lease) {
    const { rounds, turnMs } = plan.lease
    print(`## Renewals of a lease: medians of ${rounds} interleaved round(s) of ${turnMs} ms`)
    print(leaseReportText(results.lease))
  }
  if (results.heartbeat) {
    const { settleMs, windows, windowMs } = plan.heartbeat
    const seconds = Math.round((settleMs + windows * windowMs) / 1_000)
    print(
      `## A node and its peers, a beat each ${INTERVAL_MS} ms: medians of ${windows} window(s) of ${windowMs} ms side by side, growth in ${seconds} s`,
    )
    print(heartbeatReportText(results.heartbeat, floor.name))
  }
  if (results.health) {
    const { rounds, windowMs } = plan.health
    print(`## Looks at targets, a connection each: medians of ${rounds} interleaved rounds of ${windowMs} ms`)
    print(
      probeReportText(
        results.health,
        probers.map(({ name }) => name),
      ),
    )
  }
  if (results.dns) {
    const { rounds, secondsPerTurn } = plan.dns
    print(`## Name servers, by UDP: medians of ${rounds} interleaved round(s) of ${secondsPerTurn} s`)
    print(dnsReportText(results.dns, dnsReference.name))
  }
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify({ startedAt, machine: describeMachine(), cores, plan, ...results }, null, 2)}\n`)
  }
  const reports = [results.proxy, results.tcp, results.pick, results.lease, results.heartbeat, results.health, results.dns]
  return results.unmeasured.length === 0 && reports.every((report) => (report?.broken.length ?? 0) === 0) ? 0 : 1
}

async function measure(
  options: BenchOptions,
  plan: typeof fullPlan,
  cores: Cores,
  progress: Progress,
  signal: AbortSignal,
): Promise<Results> {
  const common = { cores, random: systemRandom, signal, progress: (line: string) => progress.step(line) }
  const wanted = (part: BenchOptions['parts'][number]) => options.parts.includes(part)
  // Picks first: they are quick, and need nothing from outside.
  const pick = wanted('pick') ? await benchPicks({ ...common, plan: plan.pick }) : undefined
  const lease = wanted('lease') ? await benchLeases({ ...common, plan: plan.lease }) : undefined
  const heartbeat = wanted('heartbeat') ? await benchHeartbeats({ ...common, plan: plan.heartbeat }) : undefined
  const unmeasured: string[] = []
  const health = wanted('health') ? await whereItCan(() => benchProbes({ ...common, plan: plan.health }), unmeasured) : undefined
  const proxy = wanted('proxy') ? await whereItCan(() => benchProxies({ ...common, plan: plan.proxy }), unmeasured) : undefined
  const tcp = wanted('tcp') ? await whereItCan(() => benchTcp({ ...common, plan: plan.tcp }), unmeasured) : undefined
  const dns = wanted('dns') ? await whereItCan(() => benchDns({ ...common, plan: plan.dns }), unmeasured) : undefined
  return { tcp, pick, lease, heartbeat, health, proxy, dns, unmeasured }
}

/** What needs a program that the machine lacks is said to be unmeasured; the rest is measured all the same. */
async function whereItCan<Report>(bench: () => Promise<Report>, unmeasured: string[]): Promise<Report | undefined> {
  try {
    return await bench()
  } catch (error) {
    if (!HotspareError.is(error) || error.code !== 'HOTSPARE_BENCH_NEEDS') throw error
    unmeasured.push(`NOT MEASURED: ${error.message}`)
    return undefined
  }
}

function describeCores({ proxy, load }: Cores): string {
  if (proxy === undefined) return 'Nothing is pinned to a core: that takes two cores and `taskset` (apt-get install util-linux).'
  return `What is measured runs on core ${proxy}; origin, load generator, stores and peers on core ${load}.`
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
