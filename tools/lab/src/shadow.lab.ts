import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '@hotspare/core'
import { commonSpans, sharedMs, type Span, totalMs, wallToSharedMs } from '@hotspare/netlab'
import { describe, expect, it, type TestContext } from 'vitest'
import { HOTSPARE_CLI } from './hotspare-cli.ts'
import { type Machine, needLab, type RunningProgram, until } from './network.ts'
import { killed, partitioned, paused } from './takeover/faults.ts'
import { createKeepalived } from './takeover/keepalived.ts'
import type { Fault, Scene } from './takeover/scenario.ts'
import { createSite, SERVICE_PORT, type Site, sitePrograms, VIP } from './takeover/site.ts'

const PROBE_EVERY_MS = 100
/** Two probes, and what a loaded machine adds. The lab's own observers are exact to some 10 ms. */
const HOLDERS_TOLERANCE_MS = 2 * PROBE_EVERY_MS + 500
/** Adverts tell of a master once a second. */
const ADVERT_MS = 1_000

/** What of the report is looked at here. */
interface Report {
  readonly observer: { readonly framesDropped: number }
  readonly routers: readonly [
    {
      readonly totals: { readonly twoHoldersMs: number; readonly adverts: number; readonly outageMs: number }
      readonly incidents: readonly Incident[]
    },
  ]
}

interface Stretch {
  readonly from: number
  readonly to: number | null
}

interface Incident {
  readonly kind: string
  readonly before: string | null
  readonly after: string | null
  readonly takeoverMs: number | null
  readonly twoHolders: readonly Stretch[]
  readonly twoMasters: readonly Stretch[]
  readonly promised: readonly {
    readonly onControlLoss: string
    readonly action: string
    readonly holders: string
    readonly takeoverMs: unknown
  }[]
}

interface Case {
  readonly fault: Fault
  /** From the fault to the healing. */
  readonly watchMs: number
  readonly heals: boolean
  /** Where the shadow runs: on a third machine, or on the node that takes over. */
  readonly place: 'arbiter' | 'other'
  readonly kind: string
  /** What Hotspare would have done, with `release` and with `keep`. */
  readonly actions: readonly string[]
}

const cases: readonly Case[] = [
  { fault: killed('all'), watchMs: 8_000, heals: false, place: 'arbiter', kind: 'orphaned-address', actions: ['take', 'wait'] },
  { fault: partitioned('peer'), watchMs: 8_000, heals: true, place: 'arbiter', kind: 'two-masters', actions: ['nothing', 'nothing'] },
  { fault: paused('all', 7_000), watchMs: 3_000, heals: true, place: 'other', kind: 'orphaned-address', actions: ['take', 'wait'] },
]

describe('a shadow beside a pair of keepalived', () => {
  it.for(process.env['HOTSPARE_LAB_SHORT'] === '1' ? cases.slice(0, 1) : cases)(
    'tells of $fault.name what the observers see, and sends nothing but its probes',
    { timeout: 180_000 },
    async ({ fault, watchMs, heals, place, kind, actions }, context) => {
      needLab(context, ...sitePrograms, 'keepalived', 'curl')
      const site = await createSite()
      const system = createKeepalived(1)
      await system.start(site)
      const holder = await site.settled()
      const scene: Scene = { system, site, holder, other: holder === 'node1' ? 'node2' : 'node1' }
      const shadow = await startShadow(site, site.machines[place === 'other' ? scene.other : place])
      // A few adverts before, so that it knows who is master.
      await sleep(3_000)

      const faultMs = sharedMs()
      await fault.inject(scene)
      await sleep(watchMs)
      if (heals) {
        await fault.heal(scene)
        await sleep(5_000)
      }
      const common = spansSince(site, faultMs)
      const report = await shadow.stop()

      const [router] = report.routers
      const incident = router.incidents.find((each) => each.kind === kind)
      expect(router.incidents.map((each) => each.kind)).toContain(kind)
      if (!incident) return
      await annotate(context, incident, common, faultMs)
      const { machines } = site
      expect(incident).toMatchObject({ before: machines[scene.holder].address })
      expect(report.observer.framesDropped).toBe(0)
      expect(incident.promised.map(({ action }) => action)).toEqual(actions)

      // When both had the address, by the kernels of the nodes.
      expect(common).not.toHaveLength(0)
      const [first] = common
      const last = common.at(-1)
      const told = incident.twoHolders.map(sharedSpan)
      expect(Math.abs((told[0]?.fromMs ?? 0) - (first?.fromMs ?? 0))).toBeLessThan(HOLDERS_TOLERANCE_MS)
      expect(Math.abs((told.at(-1)?.toMs ?? 0) - (last?.toMs ?? 0))).toBeLessThan(HOLDERS_TOLERANCE_MS)
      expect(Math.abs(totalMs(told) - totalMs(common))).toBeLessThan(2 * HOLDERS_TOLERANCE_MS)

      const masters = incident.twoMasters.map(sharedSpan)
      const isParted = kind === 'two-masters'
      expect(Math.abs((masters[0]?.fromMs ?? 0) - (isParted ? (first?.fromMs ?? 0) : 0))).toBeLessThan(HOLDERS_TOLERANCE_MS)
      expect(Math.abs((masters[0]?.toMs ?? 0) - (isParted ? (last?.toMs ?? 0) : 0))).toBeLessThan(ADVERT_MS + HOLDERS_TOLERANCE_MS)

      // The other node claims the address with its first advert: the fault lies within an interval after the last advert before.
      const claimed = site.claims().find(({ atMs, node }) => atMs >= faultMs && node === scene.other)
      const claimedMs = (claimed?.atMs ?? 0) - faultMs
      expect(incident.takeoverMs ?? claimedMs).toBeGreaterThan(claimedMs - HOLDERS_TOLERANCE_MS)
      expect(incident.takeoverMs ?? claimedMs).toBeLessThan(claimedMs + ADVERT_MS + HOLDERS_TOLERANCE_MS)
      expect(incident.takeoverMs === null).toBe(isParted)
      const { probes, foreign } = shadow.sent()
      expect(probes).toBeGreaterThan(100)
      expect(foreign).toEqual([])
    },
  )
})

interface Shadow {
  /** Ends it as an operator does, and reads what it has written. */
  stop(): Promise<Report>
  /** What its machine has sent: how many frames were questions and checks, and all others; empty where more than the shadow sends. */
  sent(): { readonly probes: number; readonly foreign: readonly string[] }
}

async function startShadow(site: Site, machine: Machine): Promise<Shadow> {
  const isAlone = machine === site.machines.arbiter
  // The kernel's own talk of IPv6 is none of ours.
  if (isAlone) machine.execute('sysctl', ['-q', '-w', 'net.ipv6.conf.eth0.disable_ipv6=1'])
  const capture = machine.run('tcpdump', '-i eth0 -Q out -l -n -t --immediate-mode'.split(' '))
  await until(() => capture.output().includes('listening on'), 'the capture runs')
  const out = join(machine.folder, 'shadow')
  const options = [
    '--keepalived',
    join(site.machines.node1.folder, 'keepalived.conf'),
    '--check',
    `tcp://:${SERVICE_PORT}`,
    '--probe-every',
    `${PROBE_EVERY_MS}ms`,
  ]
  const program: RunningProgram = machine.run(process.execPath, [...HOTSPARE_CLI, 'shadow', ...options, '--out', out])
  await until(
    () => program.output().includes('watching site (77 on eth0)'),
    () => `the shadow runs: ${program.output()}`,
  )
  return {
    async stop() {
      program.child.kill('SIGTERM')
      await program.ended
      expect(readFileSync(`${out}.html`, 'utf8')).toContain('<h1>keepalived, watched by Hotspare</h1>')
      return JSON.parse(readFileSync(`${out}.json`, 'utf8')) as Report
    },
    sent() {
      const kinds = [
        // Ours come from nobody; before a check, the machine's own kernel asks in its name.
        new RegExp(`^ARP, Request who-has ${VIP}(?: \\([^)]*\\))? tell (?:0\\.0\\.0\\.0|${machine.address}), `, 'u'),
        // To whoever answers a check.
        new RegExp(`^ARP, Reply ${machine.address} is-at`, 'u'),
        new RegExp(`^IP ${machine.address}\\.\\d+ > ${VIP}\\.${SERVICE_PORT}: `, 'u'),
      ]
      const isProbe = (line: string) => kinds.some((kind) => kind.test(line))
      const frames = capture
        .output()
        .split('\n')
        .filter((line) => /^(?:ARP|IP6?)\b/u.test(line))
      // A node sends more than the shadow does.
      return { probes: frames.filter(isProbe).length, foreign: isAlone ? frames.filter((line) => !isProbe(line)) : [] }
    },
  }
}

/** When both nodes have had the address since then. */
function spansSince(site: Site, fromMs: number): readonly Span[] {
  return commonSpans(site.addressSpans('node1'), site.addressSpans('node2')).filter(({ toMs }) => toMs > fromMs)
}

function sharedSpan({ from, to }: Stretch): Span {
  return { fromMs: wallToSharedMs(from), toMs: wallToSharedMs(to ?? from) }
}

async function annotate(
  context: TestContext,
  { kind, takeoverMs, twoHolders, twoMasters }: Incident,
  common: readonly Span[],
  faultMs: number,
): Promise<void> {
  const after = (spans: readonly Span[]) =>
    spans.map(({ fromMs, toMs }) => `${Math.round(fromMs - faultMs)} to ${Math.round(toMs - faultMs)}`).join(', ') || 'none'
  await context.annotate(
    `${kind}, takeover ${takeoverMs ?? 'none'} ms; two holders ${after(twoHolders.map(sharedSpan))}, by the kernels ${after(common)}; two masters ${after(twoMasters.map(sharedSpan))} ms after the fault`,
  )
}
