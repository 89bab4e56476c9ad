import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOTSPARE_CLI } from './hotspare-cli.ts'
import { type Machine, type RunningProgram, until } from './network.ts'

/** As in the unit that the guide shows. */
const NICE = -10

/** The real daemon on one machine. */
export interface Daemon {
  log(): string
  /** All of its processes at once. */
  kill(): Promise<void>
  stop(): Promise<void>
  /** Runs `hotspare` there, which asks this daemon. @returns what it has printed */
  cli(...parameters: readonly string[]): Promise<string>
}

export async function startDaemon(machine: Pick<Machine, 'name' | 'folder' | 'run'>, text: string): Promise<Daemon> {
  const file = join(machine.folder, 'hotspare.yaml')
  writeFileSync(file, text)
  const program: RunningProgram = machine.run('nice', ['-n', String(NICE), process.execPath, ...HOTSPARE_CLI, 'run', '-c', file])
  await until(
    () => program.output().includes('"type":"daemon-ready"'),
    () => `hotspare runs on ${machine.name}: ${program.output()}`,
  )
  return {
    log: program.output,
    async kill() {
      const { pid } = program.child
      if (pid !== undefined) process.kill(-pid, 'SIGKILL')
      await program.ended
    },
    async stop() {
      program.child.kill('SIGTERM')
      await program.ended
    },
    cli: (...parameters) => machine.run(process.execPath, [...HOTSPARE_CLI, ...parameters]).ended,
  }
}
