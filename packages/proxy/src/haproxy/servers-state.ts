import type { EngineMemberState } from '../engines/engine.ts'

/** A server of a backend, as HAProxy has it now. */
export interface HaproxyServer {
  readonly name: string
  /** Without brackets; `-` where it has none yet. */
  readonly host: string
  readonly port: number
  /** 0 to 256. */
  readonly weight: number
  readonly state: Extract<EngineMemberState, 'serve' | 'drain' | 'off'>
}

/** Bits of `srv_admin_state` (HAProxy's management guide, `show servers state`): what puts a server into maintenance now. */
const MAINTENANCE = 0x01 | 0x02 | 0x20 | 0x40
/** Forced, or inherited from a server that it tracks. */
const DRAIN = 0x08 | 0x10

/**
 * Reads the answer to `show servers state <backend>`: a version, a line of names, a line for each server. Columns are found by
 * their names, because versions have added some.
 *
 * @returns undefined where it is no such answer
 */
export function parseServersState(text: string, backend: string): readonly HaproxyServer[] | undefined {
  const [version, header = '', ...lines] = text.split('\n')
  const names = header.replace(/^# ?/, '').trim().split(' ')
  const column = (name: string) => names.indexOf(name)
  const [be, name, addr, port, weight, admin] = ['be_name', 'srv_name', 'srv_addr', 'srv_port', 'srv_uweight', 'srv_admin_state'].map(
    column,
  )
  if (version?.trim() !== '1' || !header.startsWith('#') || [be, name, addr, port, weight, admin].includes(-1)) return undefined
  const servers: HaproxyServer[] = []
  for (const line of lines) {
    if (line.trim() === '') continue
    const cells = line.trim().split(' ')
    const numbers = [cells[port!], cells[weight!], cells[admin!]].map(Number)
    if (cells.length < names.length || numbers.some((each) => !Number.isSafeInteger(each))) return undefined
    if (cells[be!] !== backend) continue
    const bits = numbers[2]!
    const state = (bits & MAINTENANCE) !== 0 ? 'off' : (bits & DRAIN) !== 0 ? 'drain' : 'serve'
    servers.push({ name: cells[name!]!, host: cells[addr!]!, port: numbers[0]!, weight: numbers[1]!, state })
  }
  return servers
}

/** Of `show info`. */
export interface HaproxyInfo {
  /** `2.6.12-1+deb12u4` */
  readonly version: string
  readonly major: number
  readonly minor: number
  readonly pid: number
}

/** @returns undefined where it is no such answer */
export function parseInfo(text: string): HaproxyInfo | undefined {
  const value = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.trim()
  const version = value('Version')
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? []
  const pid = Number(value('Pid'))
  if (version === undefined || major === undefined || minor === undefined || !Number.isSafeInteger(pid)) return undefined
  return { version, major: Number(major), minor: Number(minor), pid }
}
