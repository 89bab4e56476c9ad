import { type LoadedConfig, parseConfig } from './load.ts'

/** A file of two nodes and one service, with what a test is about. */
export async function loadText({
  top = '',
  mode = 'required',
  arbiter = '{ type: etcd, endpoints: ["http://10.0.0.5:2379"], ttl: 10s }',
}: {
  readonly top?: string
  readonly mode?: string
  readonly arbiter?: string
}): Promise<LoadedConfig> {
  const text = `node: web-1
cluster:
  nodes: { web-1: { peer: "10.0.0.1:7401" }, web-2: { peer: "10.0.0.2:7401" } }
  secret: 0123456789abcdef0123
  arbiter: ${arbiter}
${top}
services:
  shop:
    members: [web-1, web-2]
    onControlLoss: ${arbiter.includes('none') ? 'keep' : 'release'}
    ${mode === '' ? '' : `fencing: ${mode}`}
    check: { type: tcp, address: "127.0.0.1:8080" }
    resources: [ { type: vip, address: 10.0.0.100/32, interface: eth0 } ]
`
  const readFile = () => Promise.reject(new Error('no files'))
  return await parseConfig(text, { file: 'f', env: { IPMI: 'a secret of the board' }, hostname: 'web-1', readFile })
}
