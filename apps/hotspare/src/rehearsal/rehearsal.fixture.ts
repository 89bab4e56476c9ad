import { parseConfig } from '../config/load.ts'
import type { Config } from '../config/config.ts'
import { readYaml } from '../config/yaml-source.ts'

/** A file of a user, with secrets, people and a cloud in it. */
export const USERS_FILE = `
node: web-1
api: { listen: 0.0.0.0:7400, token: sentinel-of-the-api-token }
alerts: { channels: { ops: { type: webhook, url: "https://example.com/sentinel-of-the-hook" } } }
pools: { shop: { targets: ["http://10.0.0.21:8080"], health: { type: http, path: / } } }
cluster:
  nodes: { web-1: { peer: "10.0.0.1:7401", paths: ["10.9.0.1:7401"] }, web-2: { peer: "10.0.0.2:7401", paths: ["10.9.0.2:7401"] } }
  secret: sentinel-of-the-cluster-0123456789
  heartbeat: { interval: 50ms, timeout: 400ms }
  arbiter: { type: etcd, endpoints: ["http://10.0.0.5:2379"], user: hotspare, password: sentinel-of-etcd, ttl: 3s }
services:
  cloudy:
    members: [web-1, web-2]
    onControlLoss: keep
    check: { type: tcp, address: "127.0.0.1:9" }
    resources:
      - { type: hetzner-floating-ip, floatingIp: "4711", token: sentinel-of-the-cloud-51d0, targets: { web-1: "101", web-2: "102" } }
  shop:
    members: [web-2, web-1]
    onControlLoss: release
    after: [cloudy, files]
    check: { type: http, url: "http://127.0.0.1:8080/healthz", interval: 300ms, timeout: 200ms, fall: 2, rise: 3, headers: { x: sentinel-of-a-header } }
    resources:
      - { type: vip, address: 10.0.0.100/32, interface: { web-1: eth0, web-2: ens3 } }
  files:
    members: [web-1]
    onControlLoss: keep
    check: { type: tcp, address: "127.0.0.1:2049" }
    resources:
      - { type: vip, address: "fd00::100/128", interface: lan }
`

export async function usersConfig(text: string = USERS_FILE): Promise<{ readonly file: unknown; readonly config: Config }> {
  const { config } = await parseConfig(text, { file: 'hotspare.yaml', env: {}, hostname: 'web-1' })
  const read = readYaml(text)
  if ('problems' in read) throw new Error('it is no YAML')
  return { file: read.source.value, config }
}
