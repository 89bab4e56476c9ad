import { networkInterfaces } from 'node:os'
import { errorText, formatDuration, parseDuration, systemClock, type Timer } from '@hotspare/core'
import { createCapture } from '@hotspare/vrrp/capture'
import { type KeepalivedConfig, readKeepalived } from '@hotspare/vrrp/keepalived'
import { parseCheck } from '../shadow/checks.ts'
import { readReport, writeWhole } from '../shadow/file.ts'
import { renderHtml } from '../shadow/html.ts'
import { shadowLimits } from '../shadow/limits.ts'
import { configNotes, watchedInstances } from '../shadow/instances.ts'
import { Session } from '../shadow/session.ts'
import { type CommandContext, type ExitCode, exitCodes, printLine, usageError } from './context.ts'

export interface ShadowOptions {
  readonly keepalived: string
  readonly configId?: string | undefined
  readonly interface?: string | undefined
  readonly check?: string | undefined
  readonly probeEvery: string
  readonly ttl: string
  readonly for?: string | undefined
  readonly out: string
  readonly report?: string | undefined
}

/** `hotspare shadow`: watches a live keepalived, and says what it did and what Hotspare would have done. */
export async function shadow(options: ShadowOptions, context: CommandContext): Promise<ExitCode> {
  return options.report === undefined ? watch(options, context) : render(options.report, context)
}

async function render(file: string, context: CommandContext): Promise<ExitCode> {
  const report = await readReport(file)
  if (!report) throw usageError(`${file}: there is no such file`)
  printLine(context, renderHtml(report).trimEnd())
  return exitCodes.done
}

async function watch(options: ShadowOptions, context: CommandContext): Promise<ExitCode> {
  const probeEveryMs = durationOf('--probe-every', options.probeEvery, 20, 60_000)
  const ttlMs = durationOf('--ttl', options.ttl, 250, 3_600_000)
  const forMs = options.for === undefined ? undefined : durationOf('--for', options.for, 1_000, 2_147_483_647)
  const check = parseCheck(options.check, Math.min(probeEveryMs, 1_000))
  const config = readKeepalived(options.keepalived, { configId: options.configId ?? context.hostname.split('.')[0] ?? '' })
  const instances = watchedInstances(config, options.interface)
  if (instances.length === 0) throw usageError(nothingToWatch(options.keepalived, config))
  const [jsonFile, htmlFile] = [`${options.out}.json`, `${options.out}.html`]
  const earlier = await readReport(jsonFile)

  const session = new Session({
    instances,
    check,
    probeEveryMs,
    ttlMs,
    earlier,
    clock: systemClock,
    openCapture: createCapture,
    ownAddresses,
    facts: { version: context.version, host: context.hostname, file: options.keepalived, notes: configNotes(config, instances) },
  })
  const write = async () => {
    const report = session.report()
    await writeWhole(jsonFile, `${JSON.stringify(report)}\n`)
    await writeWhole(htmlFile, renderHtml(report))
  }
  await session.start()
  try {
    // Before anything happens: whoever may not write there learns it now.
    await write()
    const names = instances.map(({ name, routerId, interface: link }) => `${name} (${routerId} on ${link})`)
    printLine(
      context,
      `watching ${names.join(', ')}; ${htmlFile} and ${jsonFile} are written every ${formatDuration(shadowLimits.writeEveryMs)}`,
    )
    await until(context.signal, forMs, write, context)
  } finally {
    await session.stop()
    await write()
  }
  printLine(context, `written: ${htmlFile} and ${jsonFile}`)
  return exitCodes.done
}

/** Writes each minute until it is asked to end, or its time is over. A disk that is full for a while ends nothing. */
async function until(
  signal: AbortSignal,
  forMs: number | undefined,
  write: () => Promise<void>,
  { stderr }: CommandContext,
): Promise<void> {
  const timers = new Set<Timer>()
  const over = new Promise<void>((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
    if (forMs !== undefined) timers.add(systemClock.schedule(forMs, resolve))
  })
  let isOver = false
  const again = () => {
    const timer = systemClock.schedule(shadowLimits.writeEveryMs, () => {
      timers.delete(timer)
      void write()
        .catch((error: unknown) => stderr.write(`${errorText(error)}\n`))
        .finally(() => {
          if (!isOver) again()
        })
    })
    timers.add(timer)
  }
  again()
  await over
  isOver = true
  for (const timer of timers) timer.cancel()
}

function ownAddresses(): ReadonlySet<string> {
  return new Set(Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address)))
}

function durationOf(option: string, text: string, leastMs: number, mostMs: number): number {
  let ms: number
  try {
    ms = parseDuration(text)
  } catch {
    throw usageError(`${option}: "${text.slice(0, 40)}" is no duration; write it like 500ms, 2s or 7d`)
  }
  if (ms < leastMs || ms > mostMs) throw usageError(`${option}: from ${formatDuration(leastMs)} to ${formatDuration(mostMs)}`)
  return ms
}

function nothingToWatch(file: string, { problems }: KeepalivedConfig): string {
  const [first] = problems
  const why = first === undefined ? '' : `: ${first.file}:${first.line}: ${first.message}`
  return `${file} has no vrrp_instance with a number, an interface and an address${why}`
}
