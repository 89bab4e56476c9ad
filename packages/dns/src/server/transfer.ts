import { HEADER_BYTES, TYPE } from './protocol.ts'
import type { Responder } from './responder.ts'
import { type Tail, TailWriter } from './tail-writer.ts'
import { soaData } from './soa.ts'
import type { ZoneImage } from './zone-image.ts'

/** Of one message: pointers reach so far, and a secondary begins before the last one is there. */
const MESSAGE_BYTES = 14_000
/** A record with more than this has a message of its own: together with others it may not fit into one. */
const LARGE_DATA_BYTES = 40_000
/** A little more than an answer may have: here each record has its name in full. */
const MOST_BYTES = 65_000

/** A whole zone as records behind a question for its name: SOA, everything, SOA (RFC 5936, 2.2). */
export function transferTails({ zone, serial, soa, content }: ZoneImage): readonly Tail[] {
  const tails: Tail[] = []
  let writer = new TailWriter(zone)
  const flush = () => {
    if (writer.count > 0) tails.push(writer.done(MOST_BYTES))
    writer = new TailWriter(zone)
  }
  const write = (...record: Parameters<TailWriter['record']>) => {
    if (record[3].reduce((sum, { length }) => sum + length, 0) > LARGE_DATA_BYTES) flush()
    writer.record(...record)
    if (writer.length >= MESSAGE_BYTES) flush()
  }
  const ends = () => write(zone, TYPE.SOA, soa.ttlSeconds, soaData(serial, soa))
  ends()
  for (const sets of content.values()) {
    for (const { name, typeNumber, ttlSeconds, records } of sets.values()) {
      for (const data of records) write(name, typeNumber, ttlSeconds, data)
    }
  }
  ends()
  flush()
  return tails
}

/** Whether the zone that was asked for, by its own name, may go to this client. */
export function mayHave({ zone, question }: Responder, address: string): boolean {
  return zone !== undefined && question.nameEnd - HEADER_BYTES === zone.name.length + 1 && zone.mayTransfer(address)
}
