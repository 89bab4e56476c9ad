import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TsigKey } from '../tsig/algorithms.ts'
import { type TestServer, type TestServerOptions, type TestZone, zoneFile } from './name-server.ts'
import { startServer } from './server-process.ts'

const NAMED = '/usr/sbin/named'

export function hasBind(): boolean {
  return existsSync(NAMED)
}

/**
 * Starts a BIND (Debian: bind9).
 *
 * @throws HotspareError `HOTSPARE_DNS_WIRE_TEST_SERVER`
 */
export function startBind(options: TestServerOptions): Promise<TestServer> {
  const { zones, keys = [], notifyDelaySeconds } = options
  return startServer({
    name: 'bind',
    zone: zones[0]?.name ?? '.',
    prepare: ({ folder, port }) => {
      for (const zone of zones) if (!zone.primary) writeFileSync(join(folder, `${zone.name}.zone`), zoneFile(zone))
      const settings = [
        `directory "${folder}"; managed-keys-directory "${folder}"; pid-file none; session-keyfile none; lock-file none`,
        `listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }`,
        'recursion no; dnssec-validation no; notify explicit; allow-transfer { 127.0.0.1; }; tcp-clients 500; minimal-responses no',
        // Otherwise it holds back what it tells others, and asks secondaries to wait.
        ...(notifyDelaySeconds === undefined ? [] : [`notify-delay ${notifyDelaySeconds}; notify-rate 1000; serial-query-rate 1000`]),
      ]
      const parts = [
        `options { ${settings.join('; ')}; };`,
        'controls { };',
        ...keys.map(keyText),
        ...zones.map((zone) => zoneText(zone, options)),
      ]
      writeFileSync(join(folder, 'named.conf'), `${parts.join('\n')}\n`)
      return { program: NAMED, arguments: ['-g', '-n', '1', '-c', join(folder, 'named.conf')] }
    },
  })
}

function keyText({ name, algorithm, secret }: TsigKey): string {
  return `key "${name}" { algorithm ${algorithm}; secret "${secret}"; };`
}

function zoneText({ name, primary, notify = [] }: TestZone, { keys = [], unsignedUpdates = false }: TestServerOptions): string {
  const told = notify.map(({ address, port }) => `${address} port ${port};`).join(' ')
  const parts = [
    `file "${name}.zone"`,
    ...(told === '' ? [] : [`also-notify { ${told} }`]),
    ...(primary ? [`type secondary; primaries { ${primary.address} port ${primary.port}; }`] : ['type primary']),
  ]
  if (!primary && unsignedUpdates) parts.push('allow-update { 127.0.0.1; }')
  if (!primary && !unsignedUpdates && keys.length > 0) {
    parts.push(`update-policy { ${keys.map((key) => `grant "${key.name}" zonesub ANY;`).join(' ')} }`)
  }
  return `zone "${name}" { ${parts.join('; ')}; };`
}
