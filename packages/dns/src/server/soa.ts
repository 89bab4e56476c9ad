import { TYPE } from './protocol.ts'
import { ASKED, type DataPart, type Tail, TailWriter } from './tail-writer.ts'

/** What the SOA of a zone says besides its serial (RFC 1035, 3.3.13), all times in whole seconds. */
export interface ResolvedSoa {
  readonly primary: string
  /** The mailbox of whoever answers for the zone, as a name. */
  readonly mailbox: string
  readonly ttlSeconds: number
  readonly refreshSeconds: number
  readonly retrySeconds: number
  readonly expireSeconds: number
  readonly minimumSeconds: number
}

/** The data of the SOA. */
export function soaData(serial: number, soa: ResolvedSoa): readonly DataPart[] {
  const numbers = Buffer.allocUnsafe(20)
  const { refreshSeconds, retrySeconds, expireSeconds, minimumSeconds } = soa
  for (const [at, number] of [serial, refreshSeconds, retrySeconds, expireSeconds, minimumSeconds].entries()) {
    numbers.writeUInt32BE(number, at * 4)
  }
  return [soa.primary, soa.mailbox, numbers]
}

/** @param owner of the record; where it is not what was asked, other records may come before it */
export function soaTail(zone: string, serial: number, soa: ResolvedSoa, ttlSeconds: number, owner: string = ASKED): Tail {
  return new TailWriter(zone, owner !== ASKED).record(owner, TYPE.SOA, ttlSeconds, soaData(serial, soa)).done()
}
