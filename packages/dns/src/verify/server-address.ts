import { isIP } from 'node:net'
import { DNS_PORT, type ServerAddress } from './answer.ts'

/**
 * Reads the address of a name server: `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`, `[2001:db8::53]:5353`.
 *
 * @param port where the text has none. Default: 53
 * @returns undefined for anything else, a name included
 */
export function parseServerAddress(text: string, port: number = DNS_PORT): ServerAddress | undefined {
  if (isIP(text) !== 0) return { address: text, port }
  const match = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text)
  const [, six, four, digits] = match ?? []
  const address = six ?? four ?? ''
  const own = Number(digits)
  const fits = six === undefined ? isIP(address) === 4 : isIP(address) === 6
  return fits && own >= 1 && own <= 65_535 ? { address, port: own } : undefined
}
