import { followDefaults } from '../defaults.ts'
import type { Statement } from './blocks.ts'
import type { KeepalivedInstance, Track, VirtualAddressEntry } from './model.ts'
import { isTrack, timerMs, tracksOf, virtualAddress, wholeNumber } from './values.ts'

/** What the top of a configuration says for all instances. */
export interface InstanceDefaults {
  readonly version: 2 | 3
  readonly downAdverts: number
  readonly interface: string | undefined
}

/** Tells of a problem, or of a keyword that means nothing here. */
export interface Reporter {
  problem(at: Statement, message: string): void
  unread(at: Statement, keyword: string): void
}

interface Draft {
  state: 'MASTER' | 'BACKUP'
  interface: string | undefined
  routerId: number | undefined
  priority: number
  advertMs: number
  version: 2 | 3
  nativeIpv6: boolean
  preempt: boolean
  preemptDelayMs: number
  downAdverts: number
  readonly addresses: VirtualAddressEntry[]
  unicastSource: string | undefined
  readonly unicastPeers: string[]
  authentication: KeepalivedInstance['authentication']
  virtualHardware: boolean
  readonly tracks: Track[]
}

type Reader = (draft: Draft, statement: Statement, report: Reporter) => void

/** A longer interval is refused by keepalived; version 2 has whole seconds alone. */
const LONGEST_ADVERT_MS = 255_000

/** What each keyword does; all others mean nothing to who watches. */
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [
    'state',
    (draft, { words: [, value] }) => {
      draft.state = value?.toUpperCase() === 'MASTER' ? 'MASTER' : 'BACKUP'
    },
  ],
  [
    'interface',
    (draft, { words: [, value] }) => {
      draft.interface = value
    },
  ],
  [
    'virtual_router_id',
    (draft, statement, report) => {
      const routerId = wholeNumber(statement.words[1], 1, 255)
      if (routerId === undefined) report.problem(statement, 'virtual_router_id is a number from 1 to 255')
      else draft.routerId = routerId
    },
  ],
  [
    'priority',
    (draft, statement, report) => {
      const priority = wholeNumber(statement.words[1], 1, 255)
      if (priority === undefined) report.problem(statement, `priority is a number from 1 to 255; taken for ${draft.priority}`)
      else draft.priority = priority
    },
  ],
  [
    'advert_int',
    (draft, statement, report) => {
      const advertMs = timerMs(statement.words[1])
      if (advertMs === undefined || advertMs < 10 || advertMs > LONGEST_ADVERT_MS)
        report.problem(statement, `advert_int is a number of seconds from 0.01 to 255; taken for ${draft.advertMs / 1_000}`)
      else draft.advertMs = advertMs
    },
  ],
  [
    'version',
    (draft, statement, report) => {
      const version = wholeNumber(statement.words[1], 2, 3)
      if (version === undefined) report.problem(statement, 'version is 2 or 3')
      else draft.version = version === 3 ? 3 : 2
    },
  ],
  [
    'native_ipv6',
    (draft) => {
      draft.nativeIpv6 = true
    },
  ],
  [
    'nopreempt',
    (draft) => {
      draft.preempt = false
    },
  ],
  [
    'preempt',
    (draft) => {
      draft.preempt = true
    },
  ],
  [
    'preempt_delay',
    (draft, statement, report) => {
      const delayMs = timerMs(statement.words[1])
      if (delayMs === undefined) report.problem(statement, 'preempt_delay is a number of seconds')
      else draft.preemptDelayMs = delayMs
    },
  ],
  [
    'down_timer_adverts',
    (draft, statement) => {
      draft.downAdverts = wholeNumber(statement.words[1], 1, 100) ?? draft.downAdverts
    },
  ],
  ['virtual_ipaddress', (draft, statement, report) => addAddresses(draft, statement, report, false)],
  ['virtual_ipaddress_excluded', (draft, statement, report) => addAddresses(draft, statement, report, true)],
  [
    'unicast_src_ip',
    (draft, { words: [, value] }) => {
      draft.unicastSource = value
    },
  ],
  [
    'unicast_peer',
    (draft, { block = [] }) => {
      for (const { words } of block) if (words[0] !== undefined) draft.unicastPeers.push(words[0])
    },
  ],
  [
    'use_vmac',
    (draft) => {
      draft.virtualHardware = true
    },
  ],
  [
    'authentication',
    (draft, { block = [] }) => {
      // The type and nothing else: what stands beside it is a secret.
      const type = block.find(({ words }) => words[0] === 'auth_type')?.words[1]?.toUpperCase()
      draft.authentication = type === 'PASS' ? 'password' : type === 'AH' ? 'header' : type === undefined ? 'none' : 'other'
    },
  ],
])

export function readInstance(statement: Statement, defaults: InstanceDefaults, report: Reporter): KeepalivedInstance {
  const draft: Draft = {
    state: 'BACKUP',
    interface: undefined,
    routerId: undefined,
    priority: followDefaults.priority,
    advertMs: 1_000,
    version: defaults.version,
    nativeIpv6: false,
    preempt: true,
    preemptDelayMs: 0,
    downAdverts: defaults.downAdverts,
    addresses: [],
    unicastSource: undefined,
    unicastPeers: [],
    authentication: 'none',
    virtualHardware: false,
    tracks: [],
  }
  const name = statement.words[1] ?? ''
  if (name === '') report.problem(statement, 'a vrrp_instance needs a name')
  for (const each of statement.block ?? []) {
    const keyword = each.words[0] ?? ''
    const reader = READERS.get(keyword)
    if (reader) reader(draft, each, report)
    else if (isTrack(keyword)) draft.tracks.push(...tracksOf(each))
    else report.unread(each, keyword)
  }
  if (draft.routerId === undefined) report.problem(statement, `${name} has no virtual_router_id`)
  if (draft.addresses.length === 0) report.problem(statement, `${name} has no address`)
  const { nativeIpv6, ...rest } = draft
  const family = nativeIpv6 || draft.addresses.find(({ excluded }) => !excluded)?.family === 6 ? 6 : 4
  // IPv6 always speaks version 3.
  const version = family === 6 ? 3 : draft.version
  return {
    ...rest,
    name,
    file: statement.file,
    line: statement.line,
    family,
    version,
    interface: draft.interface ?? defaults.interface,
    syncGroup: undefined,
  }
}

function addAddresses(draft: Draft, { block = [] }: Statement, report: Reporter, excluded: boolean): void {
  for (const each of block) {
    const entry = virtualAddress(each, excluded)
    if (entry) draft.addresses.push(entry)
    else report.problem(each, 'this is no address')
  }
}
