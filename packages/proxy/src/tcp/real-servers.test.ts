import { writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, type TestContext } from 'vitest'
import { freePort, isInstalled, startProgram, startTcpProxy, tcpClient, temporaryFolder, until } from './tcp.fixture.ts'

const VERSIONS = ['v1', 'v2'] as const
const hasIpv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'))
/** A listener of each family, and how the client comes to it. */
const FAMILIES = [
  { host: '127.0.0.1', to: '127.0.0.1', from: '127.0.0.1' },
  { host: '::1', to: '::1', from: '::1' },
  { host: '::', to: '127.0.0.1', from: '127.0.0.1' },
].filter(({ to }) => to !== '::1' || hasIpv6)

function need(context: TestContext, program: string): void {
  if (!isInstalled(program)) context.skip(`not installed: ${program} (apt-get install ${program})`)
}

/** Asks through proxies of every kind: what the server says of both ends, and how the client has them. */
async function seenBy(serverPort: number): Promise<{ readonly told: readonly string[]; readonly own: readonly string[] }> {
  const target = { id: 'server', url: `tcp://127.0.0.1:${serverPort}` }
  const seen: { told: string[]; own: string[] } = { told: [], own: [] }
  for (const proxyProtocol of VERSIONS) {
    for (const { host, to, from } of FAMILIES) {
      const { port } = await startTcpProxy([target], { proxyProtocol, host })
      const client = tcpClient(port, to)
      client.socket.write('GET / HTTP/1.0\r\n\r\n')
      await until(() => client.ended() === 'end', 'the answer')
      seen.own.push(`${from} ${client.socket.localPort} ${to} ${port}`)
      seen.told.push(client.text().split('\r\n\r\n')[1] ?? '')
    }
  }
  return seen
}

describe('the PROXY header is understood, in both versions and families,', () => {
  it('by HAProxy', async (context) => {
    need(context, 'haproxy')
    const [folder, port] = [temporaryFolder(), await freePort()]
    const file = join(folder, 'haproxy.cfg')
    writeFileSync(
      file,
      `defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend f
  bind 127.0.0.1:${port} accept-proxy
  http-request return status 200 content-type text/plain lf-string "%[src] %[src_port] %[dst] %[dst_port]"
`,
    )
    await startProgram('haproxy', ['-db', '-f', file], port)
    const { told, own } = await seenBy(port)
    expect(told).toEqual(own)
    expect(told).toHaveLength(2 * FAMILIES.length)
  })

  it('by nginx', async (context) => {
    need(context, 'nginx')
    const [folder, port] = [temporaryFolder(), await freePort()]
    const file = join(folder, 'nginx.conf')
    writeFileSync(
      file,
      `worker_processes 1; master_process off; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 64; }
http { access_log off;
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server { listen 127.0.0.1:${port} proxy_protocol;
    location / { return 200 "$proxy_protocol_addr $proxy_protocol_port $proxy_protocol_server_addr $proxy_protocol_server_port"; } } }
`,
    )
    await startProgram('nginx', ['-e', `${folder}/error.log`, '-c', file], port)
    const { told, own } = await seenBy(port)
    expect(told).toEqual(own)
    expect(told).toHaveLength(2 * FAMILIES.length)
  })
})
