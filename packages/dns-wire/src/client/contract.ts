import type { Clock, Random } from '@hotspare/core'
import type { Edns, Message } from '../message.ts'
import type { TsigKey } from '../tsig/algorithms.ts'
import type { UpdateChange } from '../update.ts'

export interface DnsClientOptions {
  /** An address, with port 53; or both. Names are not looked up. */
  readonly server: string | ServerAddress
  /** Signs what is sent, and demands a signature of each answer. Default: none */
  readonly key?: TsigKey | undefined
  /** For a whole call, in milliseconds. Default: 5,000 */
  readonly timeoutMs?: number | undefined
  /** How often a question is sent over UDP within that time, evenly spread. Default: 3 */
  readonly attempts?: number | undefined
  /** Its wall time stands in signatures. Default: the system's */
  readonly clock?: Clock | undefined
  /** Where ids come from; for tests. Default: the system's secure generator */
  readonly random?: Random | undefined
}

export interface ServerAddress {
  /** IPv4 or IPv6, without brackets. */
  readonly address: string
  /** Default: 53 */
  readonly port?: number | undefined
}

export interface ClientQuestion {
  readonly name: string
  readonly type: string
  /** Default: IN */
  readonly class?: string | undefined
  /** Whether the server is asked to ask others where it does not know. Default: false */
  readonly recursionDesired?: boolean | undefined
  /** Asks over TCP alone. Default: true with a key, else false */
  readonly tcp?: boolean | undefined
  /** Default: version 0, 1,232 bytes, no options; false: no EDNS at all */
  readonly edns?: Partial<Edns> | false | undefined
}

export interface QueryResult {
  readonly message: Message
  /** Asked so, or because the answer over UDP was truncated. */
  readonly overTcp: boolean
  /** From the first byte sent to the whole answer, in milliseconds. */
  readonly tookMs: number
  /** Whether the answer was signed with our key, and verified. */
  readonly signed: boolean
}

export type UpdateResult =
  /** NOERROR, signed where we have a key. Some servers say so, and leave out what breaks their rules: read back. */
  | { readonly kind: 'applied' }
  /** Nothing was changed, by the word of the server; if `signed` is false, anybody may have said so. */
  | {
      readonly kind: 'refused'
      /** `YXRRSET`, `NOTAUTH`, ... */
      readonly rcode: string
      readonly signed: boolean
      /** What the server says is wrong with our signature. */
      readonly tsigError?: 'BADSIG' | 'BADKEY' | 'BADTIME' | 'BADTRUNC' | undefined
      /** With BADTIME: by how many seconds the clock of the server is ahead of ours. */
      readonly serverAheadSeconds?: number | undefined
      /** For people. */
      readonly because: string
    }

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * Asks and changes one server. Each call has a socket of its own, so a random port, and a random id; nothing stays open in between.
 *
 * What it throws (HotspareError): `HOTSPARE_DNS_WIRE_UNREACHABLE`: nobody there, and nothing was sent; `HOTSPARE_DNS_WIRE_NO_ANSWER`: sent, and no
 * answer in time; `HOTSPARE_DNS_WIRE_ANSWER`: an answer that is none, or cannot be read; `HOTSPARE_DNS_WIRE_SIGNATURE`: an answer that is not signed
 * as it has to be; `HOTSPARE_DNS_WIRE_VALUE`: what is asked cannot be written down. After the three in the middle it is not known
 * whether an update was done. The reason of `signal`, where that aborts.
 */
export interface DnsClient {
  /** For people: `192.0.2.53:53`. */
  readonly id: string
  query(question: ClientQuestion, options?: CallOptions): Promise<QueryResult>
  /** Over TCP: sent once. */
  update(change: UpdateChange, options?: CallOptions): Promise<UpdateResult>
  /** Gives up what is under way. Idempotent. */
  close(): Promise<void>
}
