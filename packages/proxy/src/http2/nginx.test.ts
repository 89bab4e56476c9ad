import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, type TestContext } from 'vitest'
import { needOpenssl, selfSigned } from '../certificates.fixture.ts'
import { httpOrigin, until } from '../origins.fixture.ts'
import { SHOP, startTlsProxy } from '../tls.fixture.ts'
import { findProgram } from '../wire/oracles.fixture.ts'
import { malformedRequests } from './malformed.fixture.ts'
import { block, FLAG, frame, FRAME, get, rawHttp2Client } from './raw-frames.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'hotspare-nginx-'))
let nginx: ChildProcess | undefined

afterAll(() => {
  nginx?.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

/** @returns its port */
async function startNginx(program: string): Promise<number> {
  const port = await freePort()
  const { cert, key } = selfSigned([SHOP])
  const at = (name: string) => join(folder, name)
  writeFileSync(at('cert.pem'), cert)
  writeFileSync(at('key.pem'), key)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${at(kind)};`).join(' ')
  writeFileSync(
    at('nginx.conf'),
    `daemon off; master_process off; pid ${at('pid')}; error_log stderr crit; events {}
    http { access_log off; ${temporary}
      server { listen 127.0.0.1:${port} ssl http2; ssl_certificate ${at('cert.pem')}; ssl_certificate_key ${at('key.pem')}; location / { return 200 ok; } } }`,
  )
  nginx = spawn(program, ['-c', at('nginx.conf'), '-e', 'stderr', '-p', folder], { stdio: 'ignore' })
  await until(() => accepts(port), 'nginx listens')
  return port
}

/** Whether a request is answered with 200. */
async function accepted(port: number, request: Buffer): Promise<boolean> {
  const client = await rawHttp2Client(port)
  client.send(request)
  await until(() => client.of(FRAME.headers, 1).length > 0 || client.of(FRAME.reset, 1).length > 0 || client.socket.destroyed, 'a verdict')
  client.socket.destroy()
  return (
    client.of(FRAME.headers, 1)[0]?.payload[0] === INDEXED_200 || client.of(FRAME.headers, 1)[0]?.payload.includes(INDEXED_200) === true
  )
}

/** `:status: 200` in the static table (RFC 7541, appendix A). */
const INDEXED_200 = 0x88

it('whatever nginx refuses of requests by HTTP/2 is refused here', async (context: TestContext) => {
  needOpenssl(context)
  const program = findProgram('nginx')
  if (!program) return context.skip('not installed: nginx')
  const origin = await httpOrigin((_incoming, response) => response.end('ok'))
  const [theirs, { port: ours }] = [await startNginx(program), await startTlsProxy([origin])]
  expect([await accepted(theirs, get(1)), await accepted(ours, get(1))]).toEqual([true, true])
  const tooMild: string[] = []
  for (const [what, fields] of malformedRequests) {
    const request = frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, block(fields))
    const [byThem, byUs] = [await accepted(theirs, request), await accepted(ours, request)]
    if (byUs && !byThem) tooMild.push(what)
  }
  expect(tooMild).toEqual([])
})

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })
}
