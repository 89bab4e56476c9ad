/** One check of each type as a file writes it, with the address that its probe shows. */
export const EVERY_CHECK: Readonly<Record<string, { readonly written: string; readonly address: string }>> = {
  http: { written: 'url: "http://10.0.0.1:8080/up?token=x", redirects: 2, json: { /status: UP }', address: 'http://10.0.0.1:8080/up' },
  tcp: { written: 'address: "10.0.0.1:25"', address: '10.0.0.1:25' },
  tls: { written: 'address: shop.example.com, warnDays: [30], alpn: [h2]', address: 'shop.example.com:443' },
  websocket: { written: 'url: "ws://10.0.0.1/live", headers: { origin: a }', address: 'ws://10.0.0.1/live' },
  grpc: {
    written: 'address: "10.0.0.1:50051", service: shop.v1.Orders, metadata: { x-key: abcd }',
    address: '10.0.0.1:50051 (shop.v1.Orders)',
  },
  dns: {
    written: 'address: 10.0.0.53, name: example.com, recordType: SOA, sameSerialOn: [10.0.0.54]',
    address: 'example.com SOA at 10.0.0.53:53',
  },
  smtp: { written: 'address: mail.example.com, security: tls, tls: { verify: false }', address: 'mail.example.com:465' },
  imap: { written: 'address: mail.example.com', address: 'mail.example.com:143' },
  pop3: { written: 'address: "[fd00::1]"', address: '[fd00::1]:110' },
  ftp: { written: 'address: "10.0.0.1:2121", security: starttls', address: '10.0.0.1:2121' },
  ssh: { written: 'address: 10.0.0.1', address: '10.0.0.1:22' },
  redis: { written: 'address: 10.0.0.1, password: swordfish, role: replica, maxLagSeconds: 10', address: '10.0.0.1:6379' },
  memcached: { written: 'address: 10.0.0.1', address: '10.0.0.1:11211' },
  postgres: { written: 'address: 10.0.0.1, user: hotspare, database: shop', address: '10.0.0.1:5432' },
  mysql: { written: 'address: 10.0.0.1, user: hotspare', address: '10.0.0.1:3306' },
  script: { written: 'address: "10.0.0.1:119", steps: [{ expect: "200 " }, { send: "QUIT" }]', address: '10.0.0.1:119' },
  icmp: { written: 'address: "fd00::1", count: 2, packetInterval: 300ms', address: 'fd00::1' },
  agent: { written: 'address: "10.0.0.1:9999", send: hello', address: '10.0.0.1:9999' },
  metric: {
    written: 'url: "http://10.0.0.1:9100/metrics", series: node_load1, warnAbove: 8',
    address: 'http://10.0.0.1:9100/metrics node_load1',
  },
  exec: { written: 'file: /bin/true, args: [a], env: { KEY: swordfish }, grace: 2s', address: '/bin/true' },
  system: { written: 'what: inodes, path: /var, warnAt: 0.7', address: 'inodes of /var' },
}
