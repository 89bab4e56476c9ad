import { isIP, type Socket } from 'node:net'
import type { ProbeRun } from './run-probe.ts'

/** Keeps `run.phase` true from the name to the first byte, so that a timeout says what it waited for. */
export function followPhases(socket: Socket, run: ProbeRun): void {
  // Told for each address of a name; the first says it all.
  socket.once('lookup', () => {
    run.ended('dns')
    run.phase = 'connecting'
  })
  const encrypted = 'encrypted' in socket
  socket.once('connect', () => {
    run.ended('connect')
    run.phase = encrypted ? 'agreeing on TLS' : 'waiting for the answer'
  })
  if (!encrypted) return
  socket.once('secureConnect', () => {
    run.ended('tls')
    run.phase = 'waiting for the answer'
  })
}

/** What a connection to `host` waits for at first. */
export function firstPhase(host: string): string {
  return isIP(host) === 0 ? 'looking up the name' : 'connecting'
}
