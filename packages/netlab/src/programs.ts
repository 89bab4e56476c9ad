import { fileURLToPath } from 'node:url'
import type { ClientOptions } from './client-process.ts'
import type { RunningProgram } from './namespaces.ts'
import type { Machine } from './network.ts'

const AS_SOURCE = import.meta.url.endsWith('.ts')

/**
 * Starts a client on a machine. It opens a new connection again and again, on an absolute schedule, and records how each went
 * in `options.file`: read it with `Recording`.
 */
export function startClient(machine: Pick<Machine, 'run'>, options: ClientOptions): RunningProgram {
  return runOwn(machine, 'client-process', JSON.stringify(options))
}

export interface ServiceOptions {
  /** What it says when it is asked who it is. */
  readonly name: string
  readonly ports: readonly number[]
}

/**
 * Starts a service on a machine that stands in for a real one: it accepts every connection, tells its name to whoever sends a
 * line, and answers `GET /healthz`. It prints `ready` once it listens.
 */
export function startService(machine: Pick<Machine, 'run'>, { name, ports }: ServiceOptions): RunningProgram {
  return runOwn(machine, 'service-process', name, ...ports.map(String))
}

function runOwn(machine: Pick<Machine, 'run'>, program: string, ...parameters: readonly string[]): RunningProgram {
  // Beside this file, as source and as built.
  const file = fileURLToPath(new URL(`${program}.${AS_SOURCE ? 'ts' : 'js'}`, import.meta.url))
  return machine.run(process.execPath, [...(AS_SOURCE ? ['--conditions=@hotspare/source'] : []), file, ...parameters])
}
