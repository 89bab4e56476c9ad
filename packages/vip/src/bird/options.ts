import { type Clock, LONGEST_DELAY_MS } from '@hotspare/core'
import { z } from 'zod'
import { birdDefaults } from './defaults.ts'
import { isSessionName } from './look.ts'
import { clockPart, parseOptions } from '../parse-options.ts'

/** What is to be known of the BIRD that announces an address. */
export interface BirdOptions {
  /** The path of its control socket. Default: `/run/bird/bird.ctl` */
  readonly socket?: string | undefined
  /** The sessions that count, by the names of their protocols. Default: all of BGP that BIRD has */
  readonly sessions?: readonly string[] | undefined
  /** How many of them have to be established, for this node to be of use and for the address to count as announced. Default: 1 */
  readonly minEstablished?: number | undefined
  /** How long a look may take, in milliseconds. Default: 1,000 */
  readonly timeoutMs?: number | undefined
  /** How long after a claim BIRD may take to export the route, in milliseconds. Default: 2,000 */
  readonly exportWaitMs?: number | undefined
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
}

/** {@link BirdOptions}, checked and complete. */
export interface ResolvedBirdOptions {
  readonly socket: string
  readonly sessions: readonly string[] | undefined
  readonly minEstablished: number
  readonly timeoutMs: number
  readonly exportWaitMs: number
  readonly clock: Clock
}

export const DEFAULT_BIRD_SOCKET = '/run/bird/bird.ctl'

/** Linux: 108 bytes of `sockaddr_un`, with the closing NUL. */
const LONGEST_SOCKET = 107

export const birdOptionsSchema: z.ZodType<ResolvedBirdOptions, BirdOptions> = z
  .strictObject({
    socket: z
      .string()
      .max(LONGEST_SOCKET)
      .regex(/^\/[^\0]*$/, 'expected an absolute path')
      .default(DEFAULT_BIRD_SOCKET),
    sessions: z
      .array(z.string().refine(isSessionName, 'expected the name of a protocol, of letters, digits and . : _ -'))
      .min(1)
      .max(birdDefaults.mostSessions)
      .refine((names) => new Set(names).size === names.length, 'a session is there twice')
      .optional()
      .transform((value) => value),
    minEstablished: z.int().min(1).max(birdDefaults.mostSessions).default(birdDefaults.minEstablished),
    timeoutMs: z.number().min(1).max(LONGEST_DELAY_MS).default(birdDefaults.timeoutMs),
    exportWaitMs: z.number().min(0).max(LONGEST_DELAY_MS).default(birdDefaults.exportWaitMs),
    clock: clockPart,
  })
  .refine(({ sessions, minEstablished }) => sessions === undefined || minEstablished <= sessions.length, {
    path: ['minEstablished'],
    message: 'more than there are sessions',
  })

/** @throws HotspareError `HOTSPARE_VIP_OPTIONS` */
export function resolveBirdOptions(options: BirdOptions): ResolvedBirdOptions {
  return parseOptions('bird', birdOptionsSchema, options)
}
