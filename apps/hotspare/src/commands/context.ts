import type { Client } from '@hotspare/api/client'
import { createClient } from '@hotspare/api/client'
import { errorText, HotspareError } from '@hotspare/core'

/** What a command may touch: handed in by `cli.ts`, so that commands can be tested without a process. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly hostname: string
  readonly version: string
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean | undefined }
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean | undefined }
  /** Aborts with a reason when the process is asked to end. */
  readonly signal: AbortSignal
  /** From then on SIGHUP calls this, and does not end the process; unless it comes from a terminal that has gone. */
  readonly onHangup?: ((listener: () => void) => void) | undefined
}

/** Exit codes, for scripts: the same for every command. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Errors that an operator can mend in a file or on the command line. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  'HOTSPARE_CONFIG_INVALID',
  'HOTSPARE_APP_USAGE',
  'HOTSPARE_APP_LISTEN',
  'HOTSPARE_PROXY_LISTEN',
  'HOTSPARE_ALERT_OPTIONS',
  'HOTSPARE_API_OPTIONS',
  'HOTSPARE_BALANCE_OPTIONS',
  'HOTSPARE_HEALTH_OPTIONS',
  'HOTSPARE_HEARTBEAT_LISTEN',
  'HOTSPARE_HEARTBEAT_CHANNEL_LISTEN',
  'HOTSPARE_HEARTBEAT_OPTIONS',
  'HOTSPARE_LEASE_OPTIONS',
  'HOTSPARE_LEASE_TIMING',
  'HOTSPARE_LEASE_WITNESS_LISTEN',
  'HOTSPARE_LEASE_WITNESS_FILE',
  'HOTSPARE_DNS_OPTIONS',
  'HOTSPARE_DNS_LISTEN',
  'HOTSPARE_FAILOVER_OPTIONS',
  'HOTSPARE_FENCE_OPTIONS',
  'HOTSPARE_RUNBOOK_OPTIONS',
  'HOTSPARE_VIP_OPTIONS',
  'HOTSPARE_APP_STATE',
])

/** What an operator can mend is 2; what went wrong in the world is 1. */
export function exitCodeOf(error: unknown): ExitCode {
  return HotspareError.is(error) && USAGE_CODES.has(error.code) ? exitCodes.usage : exitCodes.failed
}

/** What goes wrong, as an operator reads it on the terminal: with what to do about it, where only a command line can know. */
export function failureText(error: unknown): string {
  const isUnreachable = HotspareError.is(error) && error.code === 'HOTSPARE_API_UNREACHABLE'
  const hint = isUnreachable ? ' Where its API listens (`api.listen` of its file) is said with --url or HOTSPARE_URL.' : ''
  return `hotspare: ${errorText(error)}${hint}`
}

/** Resolves when the process is asked to end; at once if it has been, which may be while something was still starting. */
export function untilAsked(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** An error that the operator can mend on the command line or in the file. */
export function usageError(message: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_APP_USAGE', message })
}

export interface RemoteOptions {
  readonly url: string
  readonly token?: string | undefined
}

export function clientFor({ url, token }: RemoteOptions): Client {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw usageError(`--url: "${url}" is no URL; write it like http://127.0.0.1:7400`)
  }
  // A variable that is set and empty is no token.
  return createClient({ url, token: token === '' ? undefined : token })
}

export function printLine(context: CommandContext, text: string): void {
  context.stdout.write(`${text}\n`)
}

export function printJson(context: CommandContext, value: unknown): void {
  printLine(context, JSON.stringify(value, undefined, 2))
}
