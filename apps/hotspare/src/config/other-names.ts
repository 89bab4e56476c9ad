// What people write who come from the packages, or from another tool, and what the file calls it.

/** Keys of the file by what else they are called; the first one that is known where it stands is meant. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  // As `@hotspare/health` calls them.
  expectStatus: ['status'],
  expectHeaders: ['responseHeaders'],
  expectBody: ['body'],
  expectBodyPattern: ['bodyPattern'],
  expectJson: ['json'],
  followRedirects: ['redirects'],
  rejectUnauthorized: ['verify'],
  initialState: ['initial'],
  server: ['address'],
  // One word for host and port, and for all that a URL says.
  host: ['address'],
  hostname: ['address', 'host'],
  port: ['address'],
  url: ['address'],
  address: ['url'],
  // As other tools do.
  sni: ['serverName'],
  command: ['file'],
  cmd: ['file'],
  program: ['file'],
  retries: ['fall'],
  path: ['file'],
  certificate: ['cert'],
  privateKey: ['key'],
  maxBody: ['body'],
  bodyBytes: ['body'],
  client_max_body_size: ['body'],
  // Of a pool and its targets.
  type: ['algorithm'],
  strategy: ['algorithm'],
  policy: ['algorithm'],
  maxconn: ['limit'],
  max_conns: ['limit'],
  maxConnections: ['limit'],
  backup: ['tier'],
  locality: ['zone'],
  zoneWeights: ['zones'],
  windowMs: ['window'],
  factorPercent: ['boundedLoad'],
  keys: ['secrets'],
  secret: ['secrets'],
  insecure: ['secure'],
  maxAgeSeconds: ['maxAge'],
}

/** Types of checks by what else they are called. */
const WORDS: Readonly<Record<string, string>> = {
  ping: 'icmp',
  ssl: 'tls',
  certificate: 'tls',
  wss: 'websocket',
  ws: 'websocket',
  mariadb: 'mysql',
  valkey: 'redis',
  prometheus: 'metric',
  command: 'exec',
  shell: 'exec',
  heartbeat: 'push',
  job: 'push',
  cpu: 'system',
  memory: 'system',
  disk: 'system',
  load: 'system',
  // Algorithms, as nginx, HAProxy and Envoy call them.
  roundrobin: 'round-robin',
  rr: 'round-robin',
  wrr: 'round-robin',
  'least-conn': 'least-request',
  least_conn: 'least-request',
  leastconn: 'least-request',
  'least-connections': 'least-request',
  p2c: 'least-request',
  ewma: 'peak-ewma',
  first: 'first-available',
  ketama: 'ring-hash',
  'consistent-hash': 'ring-hash',
  hrw: 'rendezvous',
  // Of which system check.
  ram: 'memory',
  space: 'disk',
}

/** The key of `known` that was meant, by another of its names. */
export function otherName(key: string, known: readonly string[]): string | undefined {
  return own(KEYS, key)?.find((each) => known.includes(each))
}

/** The word of `known` that was meant, by another one for the same. */
export function otherWord(word: string, known: readonly string[]): string | undefined {
  const meant = own(WORDS, word.toLowerCase())
  return meant !== undefined && known.includes(meant) ? meant : undefined
}

/** A file may write `constructor`. */
function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
