import { describe, expect, it } from 'vitest'
import { parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const ENV = { SECRET, SHORT: 'too-short', NAME: 'elsewhere', PG: 'postgres://hotspare:hunter22@10.0.0.6/hotspare' }

/** Parts of a good file, one a line, so that a test changes one line and the others keep their numbers. */
const LINES = {
  node: 'node: web-1', // 1
  cluster: 'cluster:', // 2
  nodes: '  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 } }', // 3
  secret: '  secret: ${env:SECRET}', // 4
  heartbeat: '  heartbeat: { interval: 100ms, timeout: 1500ms }', // 5
  arbiter: '  arbiter: { type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s }', // 6
  state: '  state: /var/lib/hotspare', // 7
  services: 'services:', // 8
  name: '  shop:', // 9
  members: '    members: [web-1, web-2]', // 10
  onControlLoss: '    onControlLoss: keep', // 11
  check: '    check: { type: tcp, address: 127.0.0.1:5432 }', // 12
  resources: '    resources: [{ type: vip, address: 10.0.0.100/32, interface: eth0 }]', // 13
  failback: '    failback: manual', // 14
  most: '    maxFailoversPerHour: 6', // 15
  witness: '', // 16
}

type Changes = Partial<Record<keyof typeof LINES, string>>

async function problems(changes: Changes, hostname: string): Promise<string[]> {
  const text = Object.values({ ...LINES, ...changes }).join('\n')
  const options = { file: 'hotspare.yaml', env: ENV, hostname, readFile: () => Promise.reject(new Error('no files')) }
  const error: unknown = await parseConfig(text, options).catch((thrown: unknown) => thrown)
  if (error instanceof ConfigError) return error.message.split('\n').map((line) => line.replace('hotspare.yaml:', ''))
  throw new Error(`expected a ConfigError, got ${JSON.stringify(error)}`)
}

const resource = (text: string): Changes => ({ resources: `    resources: [${text}]` })
const vip = (address: string): Changes => resource(`{ type: vip, address: ${address}, interface: eth0 }`)
const nodes = (text: string): Changes => ({ nodes: `  nodes: { ${text} }` })
const arbiter = (text: string): Changes => ({ arbiter: `  arbiter: { ${text} }` })
const check = (text: string): Changes => ({ check: `    check: { ${text} }` })
const witness = (text: string): Changes => ({ witness: `witness: { ${text} }` })

const BAD: readonly [string, Changes, ...string[]][] = [
  // The nodes.
  [
    'has services without a cluster',
    { cluster: '', nodes: '', secret: '', heartbeat: '', arbiter: '', state: '' },
    '8:1: services: services need a cluster; write the key "cluster" with nodes, a secret and an arbiter',
  ],
  [
    'has a node that the cluster does not know',
    { node: 'node: web-3' },
    '1:7: node: the cluster has no node "web-3"; did you mean "web-1"?',
  ],
  [
    'has a node that resembles none',
    { node: 'node: database' },
    '1:7: node: the cluster has no node "database"; known nodes: web-1, web-2',
  ],
  [
    'gets the name of the node from outside',
    { node: 'node: ${env:NAME}' },
    '1:7: node: the cluster has no node named as the value of ${env:NAME}',
  ],
  [
    'leaves the name to a machine that is no node',
    { node: '' },
    '3:3: cluster.nodes: this machine is called "h", and no node is; write "node" with one of web-1, web-2',
  ],
  [
    'has one node',
    nodes('web-1: { peer: 10.0.0.1:7401 }'),
    '3:10: cluster.nodes: a cluster needs at least two nodes',
    '10:22: services.shop.members[1]: there is no node "web-2"; did you mean "web-1"?',
  ],
  [
    'has a node with a colon in its name',
    nodes('"web:1": { peer: 10.0.0.1:7401 }, web-1: { peer: 10.0.0.2:7401 }'),
    '3:12: cluster.nodes: the name "web:1" is not allowed; up to 63 letters, digits, "-", "_" and "."; a letter or digit first',
    '10:22: services.shop.members[1]: there is no node "web-2"; did you mean "web-1"?',
  ],
  [
    'has a node without an address',
    nodes('web-1: {}, web-2: { peer: 10.0.0.2:7401 }'),
    '3:12: cluster.nodes.web-1.peer: missing; expected a peer address like 10.0.0.1:7401',
  ],
  [
    'has a node with a name for an address',
    nodes('web-1: { peer: web-1.example.com:7401 }, web-2: { peer: 10.0.0.2:7401 }'),
    '3:27: cluster.nodes.web-1.peer: expected a peer address like 10.0.0.1:7401, got the text "web-1.example.com:7401"; write an IP address of the node and a port, like 10.0.0.1:7401 or [fd00::1]:7401',
  ],
  [
    'has a node without a port',
    nodes('web-1: { peer: 10.0.0.1 }, web-2: { peer: 10.0.0.2:7401 }'),
    '3:27: cluster.nodes.web-1.peer: expected a peer address like 10.0.0.1:7401, got the text "10.0.0.1"; write an IP address of the node and a port, like 10.0.0.1:7401 or [fd00::1]:7401',
  ],
  [
    'has a node on port 0',
    nodes('web-1: { peer: 10.0.0.1:0 }, web-2: { peer: 10.0.0.2:7401 }'),
    '3:27: cluster.nodes.web-1.peer: expected a peer address like 10.0.0.1:7401, got the text "10.0.0.1:0"; the port is a number from 1 to 65535',
  ],
  [
    'has a node on every address',
    nodes('web-1: { peer: 0.0.0.0:7401 }, web-2: { peer: 10.0.0.2:7401 }'),
    '3:27: cluster.nodes.web-1.peer: expected a peer address like 10.0.0.1:7401, got the text "0.0.0.0:7401"; this is an unspecified address',
  ],
  [
    'has a node with a zone',
    nodes('web-1: { peer: "[fe80::1%eth0]:7401" }, web-2: { peer: 10.0.0.2:7401 }'),
    '3:27: cluster.nodes.web-1.peer: expected a peer address like 10.0.0.1:7401, got the text "[fe80::1%eth0]:7401"; leave the zone away: it means something else on each node',
  ],
  [
    'has one address twice',
    nodes('web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.1:7401 }'),
    '3:59: cluster.nodes.web-2.peer: web-1 already has this address; each node needs its own',
  ],
  [
    'has one path twice',
    nodes('web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401, paths: [10.1.0.2:7401, 10.0.0.1:7401] }'),
    '3:97: cluster.nodes.web-2.paths[1]: web-1 already has this address; each node needs its own',
  ],
  [
    'mixes families',
    nodes('web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: "[fd00::2]:7401" }'),
    '3:59: cluster.nodes.web-2.peer: path 1 between web-1 and web-2 would be IPv4 at one end and IPv6 at the other; list the addresses of all nodes in the same order of networks',
  ],
  [
    'mixes families in paths',
    nodes('web-1: { peer: 10.0.0.1:7401, paths: [10.1.0.1:7401] }, web-2: { peer: 10.0.0.2:7401, paths: ["[fd00::2]:7401"] }'),
    '3:106: cluster.nodes.web-2.paths[0]: path 2 between web-1 and web-2 would be IPv4 at one end and IPv6 at the other; list the addresses of all nodes in the same order of networks',
  ],
  [
    'has the API on the port of the peer channel',
    { state: 'api: { listen: 127.0.0.1:7400 }', nodes: '  nodes: { web-1: { peer: 127.0.0.1:7400 }, web-2: { peer: 10.0.0.2:7401 } }' },
    '3:27: cluster.nodes.web-1.peer: api already listens on this address; choose another port',
  ],
  [
    'misspells a key of a node',
    nodes('web-1: { peer: 10.0.0.1:7401, pier: x }, web-2: { peer: 10.0.0.2:7401 }'),
    '3:42: cluster.nodes.web-1: unknown key "pier"; did you mean "peer"?',
  ],

  // Secrets and heartbeats.
  ['has no secret', { secret: '' }, '2:1: cluster.secret: missing; expected a secret like ${env:HOTSPARE_SECRET}'],
  [
    'has a short secret',
    { secret: '  secret: hunter22' },
    '4:11: cluster.secret: expected a secret like ${env:HOTSPARE_SECRET}, got a value that is not shown; 16 bytes or more; `openssl rand -base64 32` makes a good one',
  ],
  [
    'has a very short secret',
    { secret: '  secret: abc' },
    '4:11: cluster.secret: expected a secret like ${env:HOTSPARE_SECRET}, got a value that is not shown; 16 bytes or more; `openssl rand -base64 32` makes a good one',
  ],
  [
    'gets a short secret',
    { secret: '  secret: ${env:SHORT}' },
    '4:11: cluster.secret: expected a secret like ${env:HOTSPARE_SECRET}, got the value of ${env:SHORT}; 16 bytes or more; `openssl rand -base64 32` makes a good one',
  ],
  [
    'has a secret that is a number',
    { secret: '  secret: 12345678901234567' },
    '4:11: cluster.secret: expected a secret like ${env:HOTSPARE_SECRET}, got a value that is not shown; put it into quotation marks to make it a text',
  ],
  [
    'has both kinds of secrets',
    { secret: '  secret: ${env:SECRET}\n  secrets: [{ id: 2, secret: "${env:SECRET}" }]' },
    '4:3: cluster.secret: "secrets" is there too; write one of them; "secret" is the same as a list of one with id 1',
  ],
  [
    'has two secrets of one id',
    { secret: '  secrets: [{ id: 1, secret: "${env:SECRET}" }, { id: 1, secret: "0123456789abcdef" }]' },
    '4:12: cluster.secrets: two secrets have the same id',
  ],
  ['has no list of secrets', { secret: '  secrets: []' }, '4:12: cluster.secrets: the list needs at least 1 entry'],
  [
    'has a secret with a bad id',
    { secret: '  secrets: [{ id: 256, secret: "${env:SECRET}" }]' },
    '4:19: cluster.secrets[0].id: expected a whole number from 1 to 255, got the number 256',
  ],
  [
    'convicts after two intervals',
    { heartbeat: '  heartbeat: { interval: 1s, timeout: 2s }' },
    '5:39: cluster.heartbeat.timeout: shorter than 3 intervals; one lost heartbeat is no death; write 3s or more',
  ],
  [
    'convicts too soon by the default interval',
    { heartbeat: '  heartbeat: { timeout: 200ms }' },
    '5:25: cluster.heartbeat.timeout: shorter than 3 intervals; one lost heartbeat is no death; write 300ms or more',
  ],
  [
    'beats too often',
    { heartbeat: '  heartbeat: { interval: 1ms }' },
    '5:26: cluster.heartbeat.interval: expected a duration like 500ms, got the text "1ms"; the shortest here is 10ms',
  ],

  // The arbiter.
  ['has no arbiter', { arbiter: '' }, '2:1: cluster.arbiter: missing; expected a mapping like { type: etcd }'],
  [
    'has an unknown arbiter',
    arbiter('type: ectd'),
    '6:20: cluster.arbiter.type: expected one of etcd, postgres, consul, kubernetes, s3, witness, none, got the text "ectd"',
  ],
  [
    'has an arbiter without a type',
    arbiter('ttl: 2s'),
    '6:3: cluster.arbiter.type: missing; expected one of etcd, postgres, consul, kubernetes, s3, witness, none',
  ],
  [
    'has an arbiter without a ttl',
    arbiter('type: etcd, endpoints: [http://10.0.0.5:2379]'),
    '6:3: cluster.arbiter.ttl: missing; expected a duration like 500ms',
  ],
  [
    'has a ttl below its bound',
    arbiter('type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 100ms'),
    '6:66: cluster.arbiter.ttl: expected a duration like 500ms, got the text "100ms"; the shortest here is 250ms',
  ],
  [
    'has a ttl past its bound',
    arbiter('type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2h'),
    '6:66: cluster.arbiter.ttl: expected a duration like 500ms, got the text "2h"; the longest here is 1h',
  ],
  ['has no endpoints', arbiter('type: etcd, endpoints: [], ttl: 2s'), '6:37: cluster.arbiter.endpoints: the list needs at least 1 entry'],
  [
    'has an endpoint without a scheme',
    arbiter('type: etcd, endpoints: ["10.0.0.5:2379"], ttl: 2s'),
    '6:38: cluster.arbiter.endpoints[0]: expected an etcd URL like http://10.0.0.5:2379, got the text "10.0.0.5:2379"; write a URL like http://10.0.0.5:2379, without user, password, path or query',
  ],
  [
    'has an endpoint with a password',
    arbiter('type: etcd, endpoints: ["http://u:hunter22@10.0.0.5:2379"], ttl: 2s'),
    '6:38: cluster.arbiter.endpoints[0]: expected an etcd URL like http://10.0.0.5:2379, got the text "http://[redacted]@10.0.0.5:2379"; write a URL like http://10.0.0.5:2379, without user, password, path or query',
  ],
  [
    'has a prefix with spaces',
    arbiter('type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s, prefix: "a b"'),
    '6:78: cluster.arbiter.prefix: expected a key prefix like hotspare/lease/, got the text "a b"; expected visible ASCII characters',
  ],
  [
    'has a user without a password',
    arbiter('type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s, user: ops'),
    '6:70: cluster.arbiter.user: "password" is missing beside it; user and password go together',
  ],
  [
    'has a password without a user',
    arbiter('type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s, password: hunter22'),
    '6:70: cluster.arbiter.password: "user" is missing beside it; user and password go together',
  ],
  [
    'has a table with etcd',
    arbiter('type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s, table: x'),
    '6:70: cluster.arbiter: unknown key "table"; it belongs to "type: postgres"',
  ],
  [
    'has a PostgreSQL of another kind',
    arbiter('type: postgres, connection: "mysql://u:hunter22@h/d", ttl: 2s'),
    '6:42: cluster.arbiter.connection: expected a PostgreSQL URL like postgres://hotspare@10.0.0.6/hotspare, got a value that is not shown; write postgres://user:password@host:5432/database, with special characters as %xx',
  ],
  [
    'has a parameter of PostgreSQL that is not read',
    arbiter('type: postgres, connection: ["${env:PG}?target=x"], ttl: 2s'),
    '6:43: cluster.arbiter.connection[0]: expected a PostgreSQL URL like postgres://hotspare@10.0.0.6/hotspare, got the value of ${env:PG}; of the parameters of the URL only sslmode is read: disable, no-verify, require or verify-full',
  ],
  [
    'has a table of three parts',
    arbiter('type: postgres, connection: "${env:PG}", ttl: 2s, table: a.b.c'),
    '6:71: cluster.arbiter.table: expected a table like hotspare_lease, got the text "a.b.c"; expected a table or schema.table, without quotes, of up to 63 bytes each',
  ],
  [
    'has a witness with a path',
    arbiter('type: witness, url: http://10.0.0.9:7402/x, secret: { id: 1, secret: "${env:SECRET}" }, ttl: 2s'),
    '6:34: cluster.arbiter.url: expected a witness URL like http://10.0.0.9:7402, got the text "http://10.0.0.9:7402/x"; write a URL like http://10.0.0.9:7402, without user, password, path or query',
  ],
  [
    'has a witness with a secret alone',
    arbiter('type: witness, url: http://10.0.0.9:7402, secret: "${env:SECRET}", ttl: 2s'),
    '6:64: cluster.arbiter.secret: expected a mapping with "id" and "secret", got the value of ${env:SECRET}',
  ],
  [
    'has no arbiter and does not say so',
    arbiter('type: none'),
    '6:20: cluster.arbiter.type: two nodes may be active at once; without an arbiter, nodes that cannot see each other all become active and answer for the same address; write "acceptSplitBrain: true" if you accept that',
  ],
  [
    'has no arbiter and does not accept that',
    arbiter('type: none, acceptSplitBrain: false'),
    '6:44: cluster.arbiter.acceptSplitBrain: two nodes may be active at once; without an arbiter, nodes that cannot see each other all become active and answer for the same address; write "acceptSplitBrain: true" if you accept that',
  ],
  [
    'accepts split brain in words',
    arbiter('type: none, acceptSplitBrain: "yes"'),
    '6:44: cluster.arbiter.acceptSplitBrain: expected true or false, got the text "yes"; did you mean true?',
  ],
  [
    'keeps holds in a relative folder',
    { state: '  state: var/lib' },
    '7:10: cluster.state: expected a path like /var/lib/hotspare, got the text "var/lib"; an absolute path: it begins with "/"',
  ],

  // Services.
  [
    'has an empty mapping of services',
    { services: 'services: {}', name: '', members: '', onControlLoss: '', check: '', resources: '', failback: '', most: '' },
    '8:11: services: at least one service is needed',
  ],
  [
    'has a service with a colon in its name',
    { name: '  "a:b":' },
    '9:3: services: the name "a:b" is not allowed; up to 63 letters, digits, "-", "_" and "."; a letter or digit first',
  ],
  ['has no members', { members: '    members: []' }, '10:14: services.shop.members: the list needs at least 1 entry'],
  [
    'has a member that is no node',
    { members: '    members: [web-1, wbe-2]' },
    '10:22: services.shop.members[1]: there is no node "wbe-2"; did you mean "web-2"?',
  ],
  [
    'gets a member from outside',
    { members: '    members: [web-1, "${env:NAME}"]' },
    '10:22: services.shop.members[1]: there is no node named as the value of ${env:NAME}',
  ],
  [
    'has a member twice',
    { members: '    members: [web-1, web-2, web-1]' },
    '10:29: services.shop.members[2]: this member is there twice; each node stands in the order once',
  ],
  [
    'does not say what happens without control',
    { onControlLoss: '' },
    '9:3: services.shop.onControlLoss: missing; expected keep (the address stays, and a site that keeps no data serves on) or release (the kernel takes the address away before another node gets it: for databases and whatever must have one writer)',
  ],
  [
    'says it in another word',
    { onControlLoss: '    onControlLoss: relaese' },
    '11:20: services.shop.onControlLoss: expected keep (the address stays, and a site that keeps no data serves on) or release (the kernel takes the address away before another node gets it: for databases and whatever must have one writer), got the text "relaese"; did you mean "release"?',
  ],
  [
    'releases without an arbiter',
    { ...arbiter('type: none, acceptSplitBrain: true'), onControlLoss: '    onControlLoss: release' },
    '11:20: services.shop.onControlLoss: "release" cannot be kept with "arbiter: { type: none }"; its promise is one holder at most, and without an arbiter two nodes that cannot see each other both hold the address; name an arbiter, or write keep',
  ],
  ['has no check', { check: '' }, '9:3: services.shop.check: missing; expected a mapping like { type: http }'],
  [
    'has a check without a URL',
    check('type: http'),
    '12:5: services.shop.check.url: missing; expected a URL like http://127.0.0.1:8080/healthz',
  ],
  [
    'has a check with a password',
    check('type: http, url: "http://u:hunter22@127.0.0.1/"'),
    '12:31: services.shop.check.url: expected a URL like http://127.0.0.1:8080/healthz, got the text "http://[redacted]@127.0.0.1/"; must not hold a user or a password: set headers.authorization',
  ],
  [
    'has a check of another scheme',
    check('type: http, url: "ftp://127.0.0.1/"'),
    '12:31: services.shop.check.url: expected a URL like http://127.0.0.1:8080/healthz, got the text "ftp://127.0.0.1/"; must begin with http:// or https://',
  ],
  [
    'has a check without a port',
    check('type: tcp, address: 127.0.0.1'),
    '12:34: services.shop.check.address: expected an address like 127.0.0.1:5432, got the text "127.0.0.1"; write host:port, like 127.0.0.1:5432',
  ],
  [
    'has a check without a host',
    check('type: tcp, address: ":5432"'),
    '12:34: services.shop.check.address: expected an address like 127.0.0.1:5432, got the text ":5432"; write the host too, like 127.0.0.1:5432',
  ],
  [
    'has a check on port 0',
    check('type: tcp, address: 127.0.0.1:0'),
    '12:34: services.shop.check.address: expected an address like 127.0.0.1:5432, got the text "127.0.0.1:0"; the port is a number from 1 to 65535',
  ],
  [
    'has a check that is quicker than possible',
    check('type: tcp, address: 127.0.0.1:5432, interval: 1ms'),
    '12:60: services.shop.check.interval: expected a duration like 500ms, got the text "1ms"; the shortest here is 50ms',
  ],
  [
    'has an HTTP key in a TCP check',
    check('type: tcp, address: 127.0.0.1:5432, url: http://127.0.0.1'),
    '12:50: services.shop.check: unknown key "url"; did you mean "address"?',
  ],
  [
    'has limits in the check of a service, which can only be active or not',
    check('type: tcp, address: "127.0.0.1:5432", thresholds: [{ measure: connect-ms, enter: 5 }]'),
    '12:52: services.shop.check: unknown key "thresholds"; known here: type, address, interval, fastInterval, downInterval, timeout, rise, fall, initial, damping, dependsOn',
  ],
  ['has no resources', resource(''), '13:16: services.shop.resources: the list needs at least 1 entry'],
  [
    'has an unknown resource',
    resource('{ type: vpi, address: 10.0.0.100/32, interface: eth0 }'),
    '13:25: services.shop.resources[0].type: expected one of vip, bgp, keepalived, dns, aws-elastic-ip, aws-private-ip, aws-route, google-route, google-alias-ip, azure-ip, hetzner-floating-ip, hetzner-alias-ip, hetzner-failover-ip, digitalocean-reserved-ip, ovh-ip, got the text "vpi"',
  ],
  [
    'has no interface',
    resource('{ type: vip, address: 10.0.0.100/32 }'),
    '13:17: services.shop.resources[0].interface: missing; expected an interface like eth0 or a mapping',
  ],
  [
    'has an interface with a slash',
    resource('{ type: vip, address: 10.0.0.100/32, interface: eth0/1 }'),
    '13:65: services.shop.resources[0].interface: expected an interface like eth0, got the text "eth0/1"; up to 15 letters, digits, "-", "_", "." and "@"; no spaces or slashes',
  ],
  [
    'has an interface that is too long',
    resource('{ type: vip, address: 10.0.0.100/32, interface: eth0123456789012 }'),
    '13:65: services.shop.resources[0].interface: expected an interface like eth0, got the text "eth0123456789012"; up to 15 letters, digits, "-", "_", "." and "@"; no spaces or slashes',
  ],
  [
    'has a number for an interface',
    resource('{ type: vip, address: 10.0.0.100/32, interface: 0 }'),
    '13:65: services.shop.resources[0].interface: expected an interface like eth0 or a mapping, got the number 0',
  ],
  [
    'has no interface for a member',
    resource('{ type: vip, address: 10.0.0.100/32, interface: { web-1: eth0 } }'),
    '13:65: services.shop.resources[0].interface: the interface of a member is missing; write it for web-2',
  ],
  [
    'has an interface for nobody',
    resource('{ type: vip, address: 10.0.0.100/32, interface: { web-1: eth0, web-2: eth0, wbe-2: eth1 } }'),
    '13:93: services.shop.resources[0].interface: "wbe-2" is no member of this service; did you mean "web-2"?',
  ],
  [
    'has an address that is none',
    vip('10.0.0.300'),
    '13:39: services.shop.resources[0].address: expected an IP address like 10.0.0.100/32, got the text "10.0.0.300"; write an IP address with its prefix, like 10.0.0.100/24 or fd00::100/64',
  ],
  [
    'has an address with too long a prefix',
    vip('10.0.0.100/33'),
    '13:39: services.shop.resources[0].address: expected an IP address like 10.0.0.100/32, got the text "10.0.0.100/33"; the prefix of an IPv4 address is a number from 1 to 32',
  ],
  [
    'has an address with an empty prefix',
    vip('"fd00::1/0"'),
    '13:39: services.shop.resources[0].address: expected an IP address like 10.0.0.100/32, got the text "fd00::1/0"; the prefix of an IPv6 address is a number from 1 to 128',
  ],
  [
    'has a loopback address',
    vip('127.0.0.2'),
    '13:39: services.shop.resources[0].address: expected an IP address like 10.0.0.100/32, got the text "127.0.0.2"; this is a loopback address',
  ],
  [
    'has a multicast address',
    vip('"ff02::1"'),
    '13:39: services.shop.resources[0].address: expected an IP address like 10.0.0.100/32, got the text "ff02::1"; this is a multicast address',
  ],
  [
    'has an unspecified address',
    vip('0.0.0.0'),
    '13:39: services.shop.resources[0].address: expected an IP address like 10.0.0.100/32, got the text "0.0.0.0"; this is an unspecified address',
  ],
  [
    'has the address of a network',
    vip('10.0.0.0/24'),
    '13:39: services.shop.resources[0].address: expected an IP address like 10.0.0.100/32, got the text "10.0.0.0/24"; this is the address of the network itself; write the address of a host in it',
  ],
  [
    'has the broadcast address of a network',
    vip('10.0.0.255/24'),
    '13:39: services.shop.resources[0].address: expected an IP address like 10.0.0.100/32, got the text "10.0.0.255/24"; this is the broadcast address of the network',
  ],
  [
    'has an IPv4 address in IPv6',
    vip('"::ffff:10.0.0.1"'),
    '13:39: services.shop.resources[0].address: expected an IP address like 10.0.0.100/32, got the text "::ffff:10.0.0.1"; write an IPv4 address as such: without ::ffff:',
  ],
  [
    'has the address of a node',
    vip('10.0.0.2/24'),
    '13:39: services.shop.resources[0].address: this is an address of the node web-2 itself; one that moves would cut it off from its peers',
  ],
  [
    'has one address twice in a service',
    resource('{ type: vip, address: 10.0.0.100/32, interface: eth0 }, { type: vip, address: 10.0.0.100/24, interface: eth0 }'),
    '13:95: services.shop.resources[1].address: this service already has the address; an address follows one service',
  ],
  [
    'has one address in two services',
    {
      most: '  mail:\n    members: [web-1, web-2]\n    onControlLoss: keep\n    check: { type: tcp, address: 127.0.0.1:25 }\n    resources: [{ type: vip, address: 10.0.0.100, interface: eth0 }]',
    },
    '19:39: services.mail.resources[0].address: the service shop already has this address; an address follows one service',
  ],
  [
    'fails back in one word',
    { failback: '    failback: automatic' },
    '14:15: services.shop.failback: expected manual (people do it; { after: 10m } lets it happen by itself), got the text "automatic"',
  ],
  [
    'fails back after no time',
    { failback: '    failback: { after: 0s }' },
    '14:24: services.shop.failback.after: expected a duration like 500ms, got the text "0s"; the shortest here is 1s',
  ],
  [
    'fails back with a bad key',
    { failback: '    failback: { afer: 1m }' },
    '14:5: services.shop.failback.after: missing; expected a duration like 500ms',
    '14:17: services.shop.failback: unknown key "afer"; did you mean "after"?',
  ],
  [
    'fails back after nothing',
    { failback: '    failback: {}' },
    '14:5: services.shop.failback.after: missing; expected a duration like 500ms',
  ],
  [
    'allows no failover',
    { most: '    maxFailoversPerHour: 0' },
    '15:26: services.shop.maxFailoversPerHour: expected a whole number from 1 to 1000, got the number 0',
  ],

  // The witness.
  [
    'has a witness without secrets',
    witness('listen: 10.0.0.9:7402, file: /var/lib/w.json, secrets: []'),
    '16:67: witness.secrets: the list needs at least 1 entry',
  ],
  [
    'has a witness with three secrets',
    witness(
      'listen: 10.0.0.9:7402, file: /w, secrets: [{ id: 1, secret: "${env:SECRET}" }, { id: 2, secret: "${env:SECRET}" }, { id: 3, secret: "${env:SECRET}" }]',
    ),
    '16:54: witness.secrets: the list takes at most 2 entries',
  ],
  [
    'has a witness with a short secret',
    witness('listen: 10.0.0.9:7402, file: /w, secrets: [{ id: 1, secret: hunter22 }]'),
    '16:72: witness.secrets[0].secret: expected a secret like ${env:HOTSPARE_SECRET}, got a value that is not shown; 16 bytes or more; `openssl rand -base64 32` makes a good one',
  ],
  [
    'has a witness with a relative file',
    witness('listen: 10.0.0.9:7402, file: w.json, secrets: [{ id: 1, secret: "${env:SECRET}" }]'),
    '16:41: witness.file: expected a path like /var/lib/hotspare, got the text "w.json"; an absolute path: it begins with "/"',
  ],
  [
    'has a witness with nothing',
    witness(''),
    '16:1: witness.listen: missing; expected a listen address like 127.0.0.1:8080',
    '16:1: witness.file: missing; expected a path like /var/lib/hotspare',
    '16:1: witness.secrets: missing; expected a list of mappings with "id" and "secret"',
  ],
]

describe('a file with a cluster that', () => {
  it.each(BAD)('%s', async (_, changes, ...expected) => {
    expect(await problems(changes, 'h')).toEqual(expected)
  })

  it('repeats no secret, whatever is wrong with it', async () => {
    const told = await Promise.all(BAD.map(([, changes]) => problems(changes, 'h')))
    for (const secret of ['hunter22', SECRET, ENV.SHORT, ENV.NAME]) expect(told.flat().join('\n')).not.toContain(secret)
  })
})
