import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunningProgram, until } from '../network.ts'
import type { RoutedMachine } from './network.ts'

export interface Bird {
  /** Its control socket. */
  readonly socket: string
  /** As a crash does. */
  kill(): Promise<void>
  /** After a kill. */
  restart(): Promise<void>
  /** Has people's client say something to it. @returns its answer */
  tell(command: string): string
}

/** What sessions of the lab have in common: a router that is silent for three tenths of a second is gone. */
const QUICK = 'bfd on; hold time 6; connect delay time 1; connect retry time 1; error wait time 1, 2;'

/** BIRD's file for any machine of the lab. @param lans the interfaces where it hears routers by BFD */
export function birdFile({ address }: RoutedMachine, lans: readonly string[], protocols: readonly string[]): string {
  return `router id ${address};
protocol device { scan time 1; }
protocol kernel { ipv4 { export all; }; }
protocol bfd { interface ${lans.map((lan) => `"${lan}"`).join(', ')} { interval 100 ms; multiplier 3; }; }
${protocols.join('\n')}
`
}

export interface Session {
  readonly name: string
  readonly own: string
  readonly ownAs: number
  readonly peer: string
  readonly peerAs: number
  /** BIRD's words: `all`, `none`, `where net ~ [ 10.0.0.0/8+ ]`. */
  readonly imports: string
  readonly exports: string
}

export function session({ name, own, ownAs, peer, peerAs, imports, exports }: Session): string {
  return `protocol bgp ${name} { local ${own} as ${ownAs}; neighbor ${peer} as ${peerAs}; ${QUICK} ipv4 { import ${imports}; export ${exports}; next hop self; }; }`
}

/** What the guide shows: the address that Hotspare has put on `lo`, and nothing else, goes out. */
export function nodeProtocols(address: string): string {
  return `protocol direct hotspare { ipv4; interface "lo"; }
filter announced { if source = RTS_DEVICE && net = ${address} then accept; reject; }`
}

export async function startBird(machine: RoutedMachine, text: string): Promise<Bird> {
  const file = join(machine.folder, 'bird.conf')
  const socket = join(machine.folder, 'bird.ctl')
  const pid = join(machine.folder, 'bird.pid')
  writeFileSync(file, text)
  let program: RunningProgram
  const tell = (command: string) => machine.execute('birdc', ['-s', socket, command])
  const launch = async () => {
    rmSync(socket, { force: true })
    program = machine.run('bird', ['-f', '-c', file, '-s', socket, '-P', pid])
    const isThere = () => {
      try {
        if (!existsSync(socket)) return false
        return tell('show status').includes('Daemon is up')
      } catch {
        return false
      }
    }
    await until(isThere, () => `BIRD runs on ${machine.name}: ${program.output()}`)
  }
  await launch()
  return {
    socket,
    tell,
    async kill() {
      program.child.kill('SIGKILL')
      await program.ended
    },
    restart: launch,
  }
}
