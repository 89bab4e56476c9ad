import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type TestServer, type TestServerOptions, zoneFile } from './name-server.ts'
import { freePort, startServer } from './server-process.ts'

const SERVER = '/usr/sbin/pdns_server'
const TOOL = '/usr/bin/pdnsutil'
const SCHEMA = '/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql'

const run = promisify(execFile)

export interface PowerDnsOptions extends TestServerOptions {
  /** With it, the HTTP API listens too. Default: it does not */
  readonly apiKey?: string | undefined
}

export interface PowerDnsServer extends TestServer {
  /** `http://127.0.0.1:8083`, where there is one. */
  readonly apiUrl: string | undefined
}

export function hasPowerDns(): boolean {
  return [SERVER, TOOL, SCHEMA].every((path) => existsSync(path))
}

/**
 * Starts a PowerDNS with SQLite (Debian: pdns-server, pdns-backend-sqlite3). Nothing is kept in its caches.
 *
 * @throws HotspareError `HOTSPARE_DNS_WIRE_TEST_SERVER`
 */
export async function startPowerDns(options: PowerDnsOptions): Promise<PowerDnsServer> {
  const { zones, apiKey } = options
  let apiPort = 0
  const server = await startServer({
    name: 'powerdns',
    zone: zones[0]?.name ?? '.',
    prepare: async ({ folder, port }) => {
      apiPort = apiKey === undefined ? 0 : await freePort()
      const api = apiKey === undefined ? [] : ['api=yes', `api-key=${apiKey}`, 'webserver-address=127.0.0.1', `webserver-port=${apiPort}`]
      writeFileSync(join(folder, 'pdns.conf'), `${[...settings(folder, port), ...api].join('\n')}\n`)
      await fill(folder, options)
      return { program: SERVER, arguments: [`--config-dir=${folder}`] }
    },
  })
  return { ...server, apiUrl: apiKey === undefined ? undefined : `http://127.0.0.1:${apiPort}` }
}

function settings(folder: string, port: number): readonly string[] {
  return [
    'launch=gsqlite3',
    `gsqlite3-database=${join(folder, 'pdns.sqlite3')}`,
    'gsqlite3-dnssec=yes',
    'gsqlite3-pragma-synchronous=0',
    'local-address=127.0.0.1',
    `local-port=${port}`,
    `socket-dir=${folder}`,
    // By default no more than 20.
    'max-tcp-connections=500',
    'dnsupdate=yes',
    'allow-dnsupdate-from=127.0.0.0/8',
    'cache-ttl=0',
    'query-cache-ttl=0',
    'negquery-cache-ttl=0',
    'zone-cache-refresh-interval=0',
    'setuid=',
    'setgid=',
    'daemon=no',
    'guardian=no',
    'write-pid=no',
    'disable-syslog=yes',
    'loglevel=4',
  ]
}

async function fill(folder: string, { zones, keys = [], unsignedUpdates = false }: TestServerOptions): Promise<void> {
  // A bundler would take the prefix off a static import, and nothing else is called that.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const database = new DatabaseSync(join(folder, 'pdns.sqlite3'))
  database.exec(readFileSync(SCHEMA, 'utf8'))
  database.close()
  const tool = (...given: readonly string[]) => run(TOOL, [`--config-dir=${folder}`, ...given])
  for (const { name, algorithm, secret } of keys) await tool('import-tsig-key', name, algorithm, secret)
  for (const zone of zones) {
    const file = join(folder, `${zone.name}.zone`)
    writeFileSync(file, zoneFile(zone))
    await tool('load-zone', zone.name, file)
    if (!unsignedUpdates && keys.length > 0) await tool('set-meta', zone.name, 'TSIG-ALLOW-DNSUPDATE', ...keys.map(({ name }) => name))
  }
}
