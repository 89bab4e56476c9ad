import { DnsValueError } from './errors.ts'
import { wireLimits } from './limits.ts'

const DOT = 0x2e
const BACKSLASH = 0x5c

/**
 * Takes a name in presentation format apart (RFC 1035, 5.1; RFC 4343): `\DDD` is a byte, `\.` a dot within a label.
 *
 * @param text printable ASCII; with or without a dot at its end; the root is a dot
 * @returns the bytes of each label, in lower case
 * @throws DnsValueError where it is no name
 */
export function nameLabels(text: string): readonly Uint8Array[] {
  if (text === '.') return []
  const labels: Uint8Array[] = []
  let label: number[] = []
  let nameBytes = 1
  const end = () => {
    nameBytes += label.length + 1
    if (label.length === 0 || label.length > wireLimits.labelBytes || nameBytes > wireLimits.nameBytes) {
      throw new DnsValueError(`"${text}" is no name: a label has 1 to 63 bytes, a name 255`)
    }
    labels.push(Uint8Array.from(label))
    label = []
  }
  const add = (byte: number) => {
    label.push(lowerCase(byte))
    // Nothing that is longer can become a name: a text without end is not read to its end.
    if (label.length > wireLimits.labelBytes) end()
  }
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === DOT) {
      end()
      continue
    }
    if (code === BACKSLASH) {
      const [whole, digits, character] = /^\\(?:(\d{3})|([!-/:-~]))/.exec(text.slice(index, index + 4)) ?? []
      const byte = character?.charCodeAt(0) ?? Number(digits)
      if (whole === undefined || byte > 255)
        throw new DnsValueError(`"${text}" is no name: a backslash stands before three digits or a sign`)
      add(byte)
      index += whole.length - 1
      continue
    }
    if (code < 0x21 || code > 0x7e) throw new DnsValueError(`"${text}" is no name: ASCII alone, the rest as \\DDD or in Punycode`)
    add(code)
  }
  if (label.length > 0) end()
  if (labels.length === 0) throw new DnsValueError('a name is missing; the root is a dot')
  return labels
}

/** @returns the label as it stands in a name: what would be taken for something else as its number */
export function labelText(label: Uint8Array): string {
  let text = ''
  for (const byte of label) {
    const code = lowerCase(byte)
    const plain = code > 0x20 && code < 0x7f && code !== DOT && code !== BACKSLASH
    text += plain ? String.fromCharCode(code) : `\\${String(code).padStart(3, '0')}`
  }
  return text
}

/** @returns the name that these labels are: in lower case, without a dot at its end; the root is a dot */
export function nameText(labels: readonly Uint8Array[]): string {
  return labels.length === 0 ? '.' : labels.map(labelText).join('.')
}

/**
 * The one spelling of a name: in lower case, without a dot at its end, with `\DDD` where it needs that.
 *
 * @throws DnsValueError where it is no name
 */
export function canonicalName(text: string): string {
  return nameText(nameLabels(text))
}

/** A to Z alone (RFC 4343, 3). */
function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}
