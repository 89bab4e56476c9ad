import type { Probe } from '@hotspare/health'
import { httpProbe } from '@hotspare/health/http'
import { tcpProbe } from '@hotspare/health/tcp'
import { usageError } from '../commands/context.ts'

/** How an address is looked at. */
export interface AddressCheck {
  /** For the report; holds no secret. */
  readonly text: string
  /** Undefined where asking who has the address is all that is done. */
  readonly probeFor: ((address: string) => Probe) | undefined
}

const TCP = /^tcp:\/\/:(\d{1,5})$/u
const HTTP = /^(https?):\/\/(:\d{1,5})?(\/[^\s]*)?$/u

/**
 * Reads `--check`: `tcp://:80`, `http://:8080/healthz`, `https:///` or nothing; the address is put in where the host would stand.
 *
 * @throws HotspareError `HOTSPARE_APP_USAGE`
 */
export function parseCheck(text: string | undefined, timeoutMs: number): AddressCheck {
  if (text === undefined || text === 'arp') return { text: 'somebody answers for the address', probeFor: undefined }
  const port = TCP.exec(text)?.[1]
  if (port !== undefined && Number(port) >= 1 && Number(port) <= 65_535) {
    return { text: `a connection to port ${port}`, probeFor: (host) => tcpProbe({ host, port: Number(port), timeoutMs }) }
  }
  const [, scheme, httpPort = '', path = '/'] = HTTP.exec(text) ?? []
  if (scheme === undefined || !URL.canParse(`${scheme}://localhost${httpPort}${path}`)) {
    throw usageError('--check: write tcp://:80 or http://:80/healthz, without a host: each address of keepalived is put in')
  }
  const shown = path.split('?')[0] ?? '/'
  return {
    text: `${scheme}://ADDRESS${httpPort}${shown}`,
    probeFor: (address) =>
      httpProbe({ url: `${scheme}://${address.includes(':') ? `[${address}]` : address}${httpPort}${path}`, timeoutMs }),
  }
}
