import { createHash } from 'node:crypto'
import { z } from 'zod'
import { leaseNameProblem, toRecord } from '../record.ts'
import type { LeaseRecord } from '../register.ts'

/*
 * The file of the witness: one line of JSON,
 *
 *   {"format":"hotspare-witness","version":1,"sha256":"<hex>","records":[["shop",{"holder":"web-1",...}],...]}
 *
 * where `sha256` is that of the text of `records` as it stands there. It is replaced as a whole with each write.
 */

const FORMAT = 'hotspare-witness'
const VERSION = 1

export type Records = ReadonlyMap<string, LeaseRecord>

const fileSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.int(),
  sha256: z.string(),
  records: z.array(z.tuple([z.string(), z.unknown()])),
})

export function encodeWitnessFile(records: Records): string {
  const entries = [...records].map(([name, { holder, token, ttlMs, revision }]) => [name, { holder, token, ttlMs, revision }])
  const text = JSON.stringify(entries)
  const head = JSON.stringify({ format: FORMAT, version: VERSION, sha256: sha256(text) })
  return `${head.slice(0, -1)},"records":${text}}\n`
}

export type DecodedWitnessFile = { readonly records: Records } | { readonly wrong: string }

/** @returns the records, or what is wrong: half a file is not taken for a smaller one */
export function decodeWitnessFile(text: string): DecodedWitnessFile {
  const parsed = fileSchema.safeParse(parseJson(text))
  if (!parsed.success) return { wrong: 'it is damaged, or it is not a file of the witness' }
  if (parsed.data.version !== VERSION) return { wrong: `it has version ${parsed.data.version} and this program reads ${VERSION}` }
  try {
    const records = new Map(parsed.data.records.map(([name, value]) => [readName(name), toRecord(value, name)]))
    // Written anew it must be the same, to the last byte but white space at its end: this also holds for the checksum.
    if (encodeWitnessFile(records).trimEnd() === text.trimEnd()) return { records }
    return { wrong: 'it is damaged: its checksum does not fit' }
  } catch {
    return { wrong: 'it is damaged: it holds something that is no record' }
  }
}

function readName(name: string): string {
  const problem = leaseNameProblem(name)
  if (problem !== undefined) throw new TypeError(problem)
  return name
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
