import type { Clock } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import type { Probe } from '../probe.ts'
import { runProbe } from '../run-probe.ts'
import { converse } from './converse.ts'
import type { Dialogue } from './moves.ts'
import type { DialogueTlsOptions, ResolvedDialogueTarget, Security } from './options.ts'

interface DialogueProbeOptions {
  readonly type: string
  readonly target: ResolvedDialogueTarget
  readonly port: number
  readonly security?: Security | undefined
  readonly tls?: DialogueTlsOptions | undefined
  readonly clock?: Clock | undefined
  /** A new one for each run. */
  readonly dialogue: () => Dialogue
}

/** A probe that opens a connection and holds a dialogue on it. */
export function dialogueProbe(options: DialogueProbeOptions): Probe {
  const { type, target, port, security = 'none', tls = {}, clock = systemClock, dialogue } = options
  const { host, family, timeoutMs } = target
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  const venue = { target: { host, port, family, tls: security === 'tls' ? tls : undefined }, startTls: tls }
  return {
    type,
    address,
    timeoutMs,
    run: ({ signal } = {}) =>
      runProbe({ what: `${type} probe of ${address}`, timeoutMs, clock, signal }, (run) => converse(venue, run, dialogue())),
  }
}
