import { addressBytes, addressText } from '../address.ts'
import type { Statement } from './blocks.ts'
import type { Track, VirtualAddressEntry } from './model.ts'

const KINDS = new Map<string, Track['kind']>([
  ['track_script', 'script'],
  ['track_interface', 'interface'],
  ['track_file', 'file'],
  ['track_process', 'process'],
  ['track_bfd', 'bfd'],
])

/** A time as keepalived writes it, in seconds with a fraction; undefined for anything else. @returns milliseconds */
export function timerMs(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,7}(?:\.\d{1,9})?$/u.test(text)) return undefined
  return Math.round(Number(text) * 1_000_000) / 1_000
}

export function wholeNumber(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || !/^-?\d{1,6}$/u.test(text)) return undefined
  const value = Number(text)
  return value >= least && value <= most ? value : undefined
}

/** `10.0.0.1/24 dev eth0 label eth0:1`, in any order behind the address; undefined for what is no address. */
export function virtualAddress({ words, file, line }: Statement, excluded: boolean): VirtualAddressEntry | undefined {
  const [first = '', ...rest] = words
  const [text = '', prefix] = first.split('/')
  const bytes = addressBytes(text)
  if (!bytes) return undefined
  const longest = bytes.length * 8
  const prefixLength = prefix === undefined ? longest : wholeNumber(prefix, 0, longest)
  if (prefixLength === undefined) return undefined
  const device = rest.indexOf('dev')
  const family = bytes.length === 4 ? 4 : 6
  return { file, line, address: addressText(bytes), family, prefixLength, interface: device < 0 ? undefined : rest[device + 1], excluded }
}

/** What a `track_...` block lists; a `track_file` at the top is none of these, and has no list. */
export function tracksOf({ words, block = [] }: Statement): readonly Track[] {
  const kind = KINDS.get(words[0] ?? '')
  if (!kind) return []
  return block.flatMap((each) => {
    const [name] = each.words
    if (name === undefined) return []
    const weightAt = each.words.indexOf('weight')
    return [{ kind, name, weight: weightAt < 0 ? undefined : wholeNumber(each.words[weightAt + 1], -254, 254) }]
  })
}

export function isTrack(keyword: string): boolean {
  return KINDS.has(keyword)
}
