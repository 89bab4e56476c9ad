import type { Clock } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import { hostAndPort, type ProbeTlsOptions, type ResolvedServer } from '../connection-options.ts'
import type { Probe } from '../probe.ts'
import { runProbe } from '../run-probe.ts'
import { converse } from './converse.ts'
import type { Dialogue } from './moves.ts'
import type { Security } from './options.ts'

interface DialogueServer extends ResolvedServer {
  readonly port: number
  readonly security?: Security | undefined
  readonly tls?: ProbeTlsOptions | undefined
}

interface DialogueProbeOptions {
  readonly type: string
  readonly server: DialogueServer
  readonly clock?: Clock | undefined
  /** A new one for each run. */
  readonly dialogue: () => Dialogue
}

/** A probe that opens a connection and holds a dialogue on it. */
export function dialogueProbe({ type, server, clock = systemClock, dialogue }: DialogueProbeOptions): Probe {
  const { host, port, family, timeoutMs, security = 'none', tls = {} } = server
  const address = hostAndPort(host, port)
  const venue = { target: { host, port, family, tls: security === 'tls' ? tls : undefined }, startTls: tls }
  return {
    type,
    address,
    timeoutMs,
    run: ({ signal } = {}) =>
      runProbe({ what: `${type} probe of ${address}`, timeoutMs, clock, signal }, (run) => converse(venue, run, dialogue())),
  }
}
