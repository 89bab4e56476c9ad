import { abortReason, type Clock, clipDetail, errorCode, errorText, HotspareError, withDeadline } from '@hotspare/core'
import { connect } from 'node:net'
import { engineDefaults } from '../engines/defaults.ts'
import type { EngineFailure } from '../engines/engine.ts'

/** Where the runtime API of a HAProxy listens. */
export interface RuntimeAddress {
  readonly socket?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
}

export interface Answer {
  readonly ok: true
  /** Without the empty lines at its end. */
  readonly text: string
}

/** Asks one command; a connection each, as the management guide (section 9.3) has it for programs. */
export type AskHaproxy = (command: string, options: { readonly signal?: AbortSignal | undefined }) => Promise<Answer | EngineFailure>

export function runtimeSocket(
  address: RuntimeAddress,
  { commandTimeoutMs, clock }: { commandTimeoutMs: number; clock: Clock },
): AskHaproxy {
  const where = address.socket ?? `${address.host}:${address.port}`
  return async (command, { signal }) => {
    // Names and addresses are checked where they come in; this is the last door.
    if (/[\r\n\0]/.test(command)) return { ok: false, reason: 'rejected', detail: 'a command with a line break is not sent' }
    try {
      const text = await withDeadline(`haproxy at ${where}`, commandTimeoutMs, (inner) => exchange(address, command, inner), {
        signal,
        clock,
      })
      if (text.startsWith('Permission denied'))
        return { ok: false, reason: 'denied', detail: `${where} refuses "${nameOf(command)}": ${DENIED_HINT}` }
      if (text.startsWith('Unknown command'))
        return { ok: false, reason: 'unsupported', detail: `${where} does not know "${nameOf(command)}"` }
      return { ok: true, text: text.trimEnd() }
    } catch (error) {
      if (signal?.aborted) throw abortReason(signal)
      return failureOf(where, error)
    }
  }
}

const DENIED_HINT = 'its "stats socket" line needs "level admin"'

/** The first words, which say what was tried. */
function nameOf(command: string): string {
  return command.split(' ').slice(0, 2).join(' ')
}

function failureOf(where: string, error: unknown): EngineFailure {
  switch (errorCode(error) ?? '') {
    case 'EACCES':
    case 'EPERM':
      return { ok: false, reason: 'denied', detail: `${where} may not be opened: its mode, user or group keeps this process out` }
    case 'ENOENT':
      return { ok: false, reason: 'unreachable', detail: `${where} is not there: HAProxy does not run, or has no such "stats socket"` }
    case 'ECONNREFUSED':
      return { ok: false, reason: 'unreachable', detail: `nobody listens at ${where}: HAProxy does not run` }
    case 'HOTSPARE_PROXY_ENGINE_ANSWER':
      return { ok: false, reason: 'malformed', detail: `${where}: ${errorText(error)}` }
    default:
      return {
        ok: false,
        reason: 'unreachable',
        detail: clipDetail(HotspareError.is(error) ? error.message : `${where}: ${errorText(error)}`),
      }
  }
}

function exchange(address: RuntimeAddress, command: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const { socket: path, host, port } = address
    const socket = path === undefined ? connect({ host: host ?? '', port: port ?? 0 }) : connect({ path })
    const chunks: Buffer[] = []
    let bytes = 0
    signal.addEventListener('abort', () => socket.destroy(), { once: true })
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > engineDefaults.maxAnswerBytes) {
        reject(
          new HotspareError({
            code: 'HOTSPARE_PROXY_ENGINE_ANSWER',
            message: `an answer of more than ${engineDefaults.maxAnswerBytes} bytes`,
          }),
        )
        socket.destroy()
        return
      }
      chunks.push(chunk)
    })
    socket.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    // Stays for good: a socket may report an error after it was given up.
    socket.on('error', reject)
    // Only where no end has come before: then the answer is not whole.
    socket.once('close', () => reject(new HotspareError({ code: 'HOTSPARE_PROXY_ENGINE_ANSWER', message: 'the answer broke off' })))
    socket.write(`${command}\n`)
  })
}
