import { createHmac } from 'node:crypto'
import type { TsigRecord } from '../message.ts'
import { tsigErrorNumber } from '../registry.ts'
import { WireWriter, writeNumber } from '../wire-writer.ts'
import { type TsigAlgorithm, tsigAlgorithms } from './algorithms.ts'

const CLASS_ANY = 255

export interface MacInput {
  /** The message without its signature: with the id that it was signed with, and a count without the record of the signature. */
  readonly message: Uint8Array
  /** Of the request that this answers. */
  readonly requestMac?: Uint8Array | undefined
  readonly tsig: Omit<TsigRecord, 'mac' | 'originalId'>
}

/** @returns the whole hash (RFC 8945, 4.3), which may be more than is sent of it */
export function computeMac(algorithm: TsigAlgorithm, secret: Uint8Array, { message, requestMac, tsig }: MacInput): Uint8Array {
  const hmac = createHmac(tsigAlgorithms[algorithm].hash, secret)
  if (requestMac && requestMac.length > 0) {
    const length = new Uint8Array(2)
    writeNumber(length, 0, requestMac.length, 2)
    hmac.update(length).update(requestMac)
  }
  return new Uint8Array(hmac.update(message).update(variables(tsig)).digest())
}

/** RFC 8945, 4.3.3. */
function variables(tsig: MacInput['tsig']): Uint8Array {
  const to = new WireWriter()
  to.name(tsig.name, { compressed: false })
  to.number(CLASS_ANY, 2)
  to.number(0, 4)
  to.name(tsig.algorithm, { compressed: false })
  to.number(tsig.atSeconds, 6)
  to.number(tsig.fudgeSeconds, 2)
  to.number(tsigErrorNumber(tsig.error), 2)
  to.number(tsig.other.length, 2)
  to.bytes(tsig.other)
  return to.take()
}
