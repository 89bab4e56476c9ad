import { ipv4Bytes, ipv4Text, ipv6Bytes, ipv6Text } from './address.ts'
import { DnsValueError } from './errors.ts'
import type { ServiceParameter } from './record-data.ts'
import { serviceKeyName, serviceKeyNumber } from './service-keys.ts'
import { quotedText, unquotedBytes } from './texts.ts'
import { writeNumber } from './wire-writer.ts'

// The parameters of HTTPS and SVCB as text: RFC 9460, 2.1 and 7, and appendix A.

/** One way to write a value, and to read it. */
interface Form {
  /** @returns undefined where the bytes cannot be written like that */
  readonly write: (bytes: Uint8Array) => string | undefined
  readonly read: (text: string) => Uint8Array
}

/** What of a list can be written without escapes within escapes. */
const PLAIN_ITEM = /^[A-Za-z0-9./_:+-]+$/

const FORMS: Readonly<Record<string, Form>> = {
  mandatory: {
    write: (bytes) => listText(fixedItems(bytes, 2), ([high = 0, low = 0]) => serviceKeyName(high * 256 + low)),
    read: (text) => joined(items(text).map((key) => numberBytes(serviceKeyNumber(key)))),
  },
  alpn: {
    write: (bytes) => {
      const ids = countedItems(bytes)?.map((id) => Buffer.from(id).toString('latin1'))
      return ids?.every((id) => PLAIN_ITEM.test(id)) ? ids.join(',') : undefined
    },
    read: (text) => joined(items(text).map(protocolBytes)),
  },
  port: {
    write: (bytes) => (bytes.length === 2 ? String((bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)) : undefined),
    read: (text) => {
      if (!/^\d{1,5}$/.test(text) || Number(text) > 0xff_ff) throw new DnsValueError(`"${text}" is no port`)
      return numberBytes(Number(text))
    },
  },
  ipv4hint: {
    write: (bytes) => listText(fixedItems(bytes, 4), ipv4Text),
    read: (text) => joined(items(text).map(ipv4Bytes)),
  },
  ech: {
    write: (bytes) => (bytes.length > 0 ? Buffer.from(bytes).toString('base64') : undefined),
    read: (text) => {
      const bytes = Buffer.from(text, 'base64')
      if (bytes.length === 0 || bytes.toString('base64') !== text) throw new DnsValueError('ech is base64')
      return new Uint8Array(bytes)
    },
  },
  ipv6hint: {
    write: (bytes) => listText(fixedItems(bytes, 16), ipv6Text),
    read: (text) => joined(items(text).map(ipv6Bytes)),
  },
}

/** @returns each as `alpn=h2,h3`; one whose value does not fit its key by its number: `key3="\001"` */
export function parametersText(parameters: readonly ServiceParameter[]): readonly string[] {
  return parameters.map(({ key, value }) => {
    const own = FORMS[key]?.write(value)
    if (own !== undefined) return `${key}=${own}`
    const name = FORMS[key] ? `key${serviceKeyNumber(key)}` : key
    return value.length === 0 ? name : `${name}="${quotedText(value)}"`
  })
}

/**
 * @param text parameters with blanks between them, in any order
 * @throws DnsValueError where one cannot be read, or comes twice
 */
export function readParametersText(text: string): readonly ServiceParameter[] {
  const found = new Map<number, ServiceParameter>()
  const pattern = /\s*([a-z0-9-]{1,63})(?:=(?:"((?:[^"\\]|\\.)*)"|((?:[^\s"\\]|\\.)*)))?(?=\s|$)/gsy
  let read = 0
  for (const [whole, written = '', quoted, bare] of text.matchAll(pattern)) {
    read += whole.length
    const number = serviceKeyNumber(written)
    const key = serviceKeyName(number)
    const value = quoted ?? bare
    if (found.has(number)) throw new DnsValueError(`the parameter ${key} stands there twice`)
    found.set(number, { key, value: valueBytes(written === key ? FORMS[key] : undefined, value) })
  }
  if (text.slice(read).trim() !== '') throw new DnsValueError('the parameters of a service are like alpn=h2,h3 port=8443')
  return [...found].toSorted(([one], [other]) => one - other).map(([, parameter]) => parameter)
}

function valueBytes(form: Form | undefined, value: string | undefined): Uint8Array {
  if (!form) return unquotedBytes(value ?? '')
  if (value === undefined) throw new DnsValueError('a parameter of a service needs a value')
  return form.read(value)
}

function protocolBytes(id: string): Uint8Array {
  if (!PLAIN_ITEM.test(id) || id.length > 255) throw new DnsValueError(`"${id}" is no protocol; write others as key1="..."`)
  return Uint8Array.from([id.length, ...Buffer.from(id, 'latin1')])
}

function items(text: string): readonly string[] {
  return text.split(',')
}

function listText(list: readonly Uint8Array[] | undefined, write: (item: Uint8Array) => string): string | undefined {
  return list?.map(write).join(',')
}

/** @returns undefined where they are none, or do not come out even */
function fixedItems(bytes: Uint8Array, size: number): readonly Uint8Array[] | undefined {
  if (bytes.length === 0 || bytes.length % size !== 0) return undefined
  return Array.from({ length: bytes.length / size }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
}

/** Each with its length before it. @returns undefined where they are none, or one is empty or cut */
function countedItems(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const list: Uint8Array[] = []
  for (let index = 0; index < bytes.length;) {
    const end = index + 1 + (bytes[index] ?? 0)
    if (end === index + 1 || end > bytes.length) return undefined
    list.push(bytes.subarray(index + 1, end))
    index = end
  }
  return list.length === 0 ? undefined : list
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

function numberBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(2)
  writeNumber(bytes, 0, value, 2)
  return bytes
}
