import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type RunningProgram, until } from '../network.ts'
import type { RoutedMachine } from './network.ts'

const CLI = ['--conditions=@hotspare/source', resolve(import.meta.dirname, '../../../../apps/hotspare/src/cli.ts')]
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

export async function startDaemon(machine: Pick<RoutedMachine, 'name' | 'folder' | 'run'>, text: string): Promise<Daemon> {
  const file = join(machine.folder, 'hotspare.yaml')
  writeFileSync(file, text)
  const program: RunningProgram = machine.run('nice', ['-n', String(NICE), process.execPath, ...CLI, 'run', '-c', file])
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
    cli: (...parameters) => machine.run(process.execPath, [...CLI, ...parameters]).ended,
  }
}

/** An etcd. @returns its endpoint */
export async function startEtcd(machine: RoutedMachine): Promise<string> {
  const url = `http://${machine.address}:2379`
  const peer = `http://${machine.address}:2380`
  const etcd = machine.run('etcd', [
    `--data-dir=${join(machine.folder, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ])
  await until(
    () => /ready to serve client requests|serving insecure client requests/.test(etcd.output()),
    () => `etcd is ready: ${etcd.output()}`,
  )
  return url
}
