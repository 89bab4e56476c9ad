import type { Clock } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import { connect } from 'node:net'
import { z } from 'zod'
import { hostAndPort, hostSchema, portSchema } from './connection-options.ts'
import { probeDefaults } from './defaults.ts'
import { describeFailure, type Finding, passed } from './failure.ts'
import { parseOptions } from './options.ts'
import { firstPhase, followPhases } from './phases.ts'
import type { Probe } from './probe.ts'
import { milliseconds } from './rules.ts'
import { type ProbeRun, runProbe } from './run-probe.ts'

/** What a TCP probe looks at. */
export interface TcpProbeOptions {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** One deadline over the look-up of the name and the connection, in milliseconds. Default: 500 */
  readonly timeoutMs?: number | undefined
}

/** {@link TcpProbeOptions} with the defaults filled in. */
export interface ResolvedTcpProbeOptions {
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
}

export const tcpProbeOptionsSchema: z.ZodType<ResolvedTcpProbeOptions, TcpProbeOptions> = z.strictObject({
  host: hostSchema,
  port: portSchema,
  timeoutMs: milliseconds.default(probeDefaults.timeoutMs).describe('One deadline over name and connection, in milliseconds.'),
})

/**
 * Connects, and closes again: proof that something listens, and of no more. It sends nothing and reads nothing.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function tcpProbe(options: TcpProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock = systemClock, ...rest } = options
  const { host, port, timeoutMs } = parseOptions('tcpProbe', tcpProbeOptionsSchema, rest)
  const address = hostAndPort(host, port)
  const what = `tcp probe of ${address}`
  return {
    type: 'tcp',
    address,
    timeoutMs,
    run: ({ signal } = {}) => runProbe({ what, timeoutMs, clock, signal }, (run) => connectOnce(host, port, address, run)),
  }
}

function connectOnce(host: string, port: number, address: string, run: ProbeRun): Promise<Finding> {
  return new Promise((resolve) => {
    run.phase = firstPhase(host)
    const socket = connect({ host, port })
    run.signal.addEventListener('abort', () => socket.destroy(), { once: true })
    followPhases(socket, run)
    socket.once('connect', () => {
      resolve(passed(`connected to ${address}`))
      socket.destroy()
    })
    // Stays for good: a socket may report an error after it was given up.
    socket.on('error', (error) => resolve(describeFailure(error)))
  })
}
