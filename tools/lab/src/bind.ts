import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Machine, until } from './network.ts'

/** The zone that it is primary for. */
export const BIND_ZONE = 'example.test'
const SECRET = 'YSBzZWNyZXQgb2YgdGhpcyBsYWJvcmF0b3J5IQ=='

/** BIND on a machine, which takes updates that are signed by one key. @returns it as `dns.providers` of a file has it, in YAML */
export async function startBind(machine: Machine): Promise<string> {
  const { address, folder } = machine
  const zone = `$ORIGIN ${BIND_ZONE}.\n$TTL 60\n@ SOA ns1 hostmaster 1 60 60 86400 5\n@ NS ns1\nns1 A ${address}\n`
  writeFileSync(join(folder, 'zone'), zone)
  // Nothing of it is kept outside of the folder, and nobody steers it.
  const settings = `directory "${folder}"; listen-on { ${address}; }; listen-on-v6 { none; }; recursion no; pid-file none; session-keyfile none; lock-file none;`
  const parts = [
    `options { ${settings} };`,
    'controls { };',
    `key "hotspare" { algorithm hmac-sha256; secret "${SECRET}"; };`,
    `zone "${BIND_ZONE}" { type primary; file "zone"; update-policy { grant hotspare zonesub ANY; }; };`,
  ]
  writeFileSync(join(folder, 'named.conf'), `${parts.join('\n')}\n`)
  const named = machine.run('named', ['-g', '-n', '1', '-c', join(folder, 'named.conf')])
  await until(
    () => named.output().includes(' running'),
    () => `BIND runs: ${named.output()}`,
  )
  return `{ type: rfc2136, server: ${address}, key: { name: hotspare, algorithm: hmac-sha256, secret: "${SECRET}" } }`
}
