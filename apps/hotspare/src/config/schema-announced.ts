import { birdDefaults, birdOptionsSchema, DEFAULT_BIRD_SOCKET } from '@hotspare/vip/bird'
import {
  DEFAULT_KEEPALIVED_FOLDER,
  DEFAULT_KEEPALIVED_PID_FILE,
  keepalivedDefaults,
  keepalivedOptionsSchema,
} from '@hotspare/vip/keepalived'
import { formatDuration } from '@hotspare/core'
import { z } from 'zod'
import type { Reading } from './addresses.ts'
import type { BgpResourceConfig, KeepalivedResourceConfig } from './config-announced.ts'
import { readVirtualAddress, type VirtualAddress } from './ip-addresses.ts'
import { absolutePathSchema, type Choice, countSchema, durationSchema, readable, readOption } from './schema-scalars.ts'

/** A resource before it is known which members it follows. */
type Unplaced<Each extends { readonly address: unknown; readonly interfaces: unknown }> = Omit<Each, 'address' | 'interfaces'> & {
  readonly address: VirtualAddress
  readonly interface: string | Readonly<Record<string, string>>
}

export type ParsedBgp = Unplaced<BgpResourceConfig>
export type ParsedKeepalived = Unplaced<KeepalivedResourceConfig>

type Interface = string | Record<string, string>

export interface BgpInput {
  readonly type: 'bgp'
  readonly address: string
  readonly interface?: Interface | undefined
  readonly socket?: string | undefined
  readonly sessions?: string[] | undefined
  readonly minEstablished?: number | undefined
}

export interface KeepalivedInput {
  readonly type: 'keepalived'
  readonly address: string
  readonly interface: Interface
  readonly routerId: number
  readonly advertInterval?: string | undefined
  readonly folder?: string | undefined
  readonly pidFile?: string | undefined
}

/** A network would be announced as a whole, from a node that has one address of it. */
function readSingleAddress(text: string): Reading<VirtualAddress> {
  const reading = readVirtualAddress(text)
  if (!reading.ok) return reading
  const { ip, prefixLength } = reading.value
  if (prefixLength === (ip.includes(':') ? 128 : 32)) return reading
  return { ok: false, hint: 'a single address, /32 or /128: what is announced is all of its network' }
}

const birdPath = readable((text) => readOption(text, 'socket', birdOptionsSchema, {}), {
  title: 'path',
  examples: [DEFAULT_BIRD_SOCKET],
})

const sessionName = readable((text) => readOption(text, 'sessions', birdOptionsSchema, {}, (name) => [name]), {
  title: 'session of BIRD',
  examples: ['edge1'],
})

interface AnnouncedSchemas {
  readonly bgp: Choice<ParsedBgp, BgpInput>
  readonly keepalived: Choice<ParsedKeepalived, KeepalivedInput>
}

/** @param interfaceSchema that of every address: one name, or one for each member */
export function announcedSchemas(interfaceSchema: z.ZodType<Interface, Interface>): AnnouncedSchemas {
  const bgp = z.strictObject({
    type: z.literal('bgp').describe('An address that BIRD announces to routers by BGP from the active member.'),
    address: readable(readSingleAddress, { title: 'IP address', examples: ['10.0.0.100/32', 'fd00::100/128'] }).describe(
      'The address. Without a prefix it is /32 or /128, and nothing else will do.',
    ),
    interface: interfaceSchema
      .prefault('lo')
      .describe(
        'The interface that carries it, which the protocol `direct` of BIRD looks at; where it is not called the same everywhere, one for each member.',
      ),
    socket: birdPath.prefault(DEFAULT_BIRD_SOCKET).describe('The control socket of BIRD. It is only ever asked, never told anything.'),
    sessions: z
      .array(sessionName)
      .min(1)
      .max(birdDefaults.mostSessions)
      .optional()
      .transform((value) => value)
      .describe('The sessions that count, by the names of their protocols in `bird.conf`. Without it, all of BGP that BIRD has.'),
    minEstablished: countSchema(1, birdDefaults.mostSessions)
      .prefault(birdDefaults.minEstablished)
      .describe(
        'How many of them have to be established for a member to be of use, and to have the route for the address to count as announced.',
      ),
  })
  const keepalived = z
    .strictObject({
      type: z.literal('keepalived').describe('An address that keepalived has on the active member, and nowhere else. For `keep` alone.'),
      address: readable(readVirtualAddress, { title: 'IP address', examples: ['10.0.0.100/32', 'fd00::100/128'] }).describe(
        'The address with its prefix; without one it is /32 or /128.',
      ),
      interface: interfaceSchema.describe(
        'The interface that carries it; where it is not called the same everywhere, one for each member.',
      ),
      routerId: countSchema(1, 255).describe("VRRP's `virtual_router_id`: no other address on this network may have it."),
      advertInterval: durationSchema('10ms', '40s')
        .refine((ms) => ms % 10 === 0, { error: 'whole hundredths of a second, like 100ms' })
        .prefault(formatDuration(keepalivedDefaults.advertIntervalMs))
        .describe(
          'How often the keepalived that has the address says so, in whole hundredths of a second; another one takes over after three that are missing.',
        ),
      folder: readable((text) => readOption(text, 'folder', keepalivedOptionsSchema, {}), {
        title: 'path',
        examples: [DEFAULT_KEEPALIVED_FOLDER],
      })
        .prefault(DEFAULT_KEEPALIVED_FOLDER)
        .describe('Where Hotspare writes what keepalived is to read. It belongs to Hotspare alone, and a reboot should empty it.'),
      pidFile: absolutePathSchema
        .prefault(DEFAULT_KEEPALIVED_PID_FILE)
        .describe('The pid file of keepalived: it is told to read its files anew when they have changed.'),
    })
    .transform(({ advertInterval, ...rest }): ParsedKeepalived => ({ ...rest, advertIntervalMs: advertInterval }))
  return { bgp, keepalived }
}
