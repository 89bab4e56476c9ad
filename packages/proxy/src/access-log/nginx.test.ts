import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { exchangeRaw, httpOrigin, startProxy, until } from '../origins.fixture.ts'
import { findProgram } from '../wire/oracles.fixture.ts'
import { accessLine } from './access-line.ts'

const end = 'Host: a\r\nConnection: close\r\n\r\n'

/** Both answer these with 200 and five bytes; the lines must be the same but for the address and the time. */
const sound: readonly string[] = [
  `GET / HTTP/1.1\r\n${end}`,
  'GET /one.zero HTTP/1.0\r\n\r\n',
  `HEAD /nothing HTTP/1.1\r\n${end}`,
  `DELETE /x?y=z&&%20%22 HTTP/1.1\r\n${end}`,
  `GET /"quoted"\\back'slash HTTP/1.1\r\n${end}`,
  `GET http://a/absolute?x HTTP/1.1\r\n${end}`,
  `GET /a HTTP/1.1\r\nReferer: https://shop.example/"x"\r\nUser-Agent: Mozilla/5.0 (X11; "Linux")\\\r\n${end}`,
  `GET /b HTTP/1.1\r\nuser-agent:  1 - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 5  \r\n${end}`,
  `GET /c HTTP/1.1\r\nUser-Agent: caf\u00e9 \u0080\u009f\u00ff~\r\nREFERER: \u00c3\u00a9\r\n${end}`,
  `GET /d HTTP/1.1\r\nUser-Agent: a\ttab\r\n${end}`,
  `GET /e HTTP/1.1\r\nUser-Agent:\r\nReferer: \r\n${end}`,
  `GET /f HTTP/1.1\r\nUser-Agent: -\r\nReferer: %0d%0a\\x22\r\n${end}`,
  `GET /g?${'q'.repeat(300)} HTTP/1.1\r\n${end}`,
]

/** Both refuse these; what came must be told in the same words, where nginx keeps it. */
const refused: readonly string[] = [
  `GET /no-host HTTP/1.1\r\nConnection: close\r\n\r\n`,
  `GET /spaces in it HTTP/1.1 x\r\n${end}`,
  `GET /two HTTP/1.1\r\nHost: b\r\n${end}`,
  `GET /length HTTP/1.1\r\nContent-Length: x\r\n${end}`,
  `GET /"quoted\u0001 HTTP/1.1\r\n${end}`,
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"\\\r\n\r\n',
  `get /small HTTP/1.1\r\n${end}`,
]

/** What a line says behind its time. */
function behindTime(line: string | undefined): string {
  return (line ?? '').replace(/^.*?\] /, '')
}

it('says of the same requests what nginx says of them', async ({ skip }) => {
  const program = findProgram('nginx')
  if (program === undefined) return skip('nginx is not installed (Debian package nginx)')
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-log-'))
  const at = (name: string) => join(folder, name)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${at(kind)};`).join(' ')
  const config = `daemon off; master_process off; pid ${at('pid')}; error_log stderr crit; events {}
    http { access_log ${at('access.log')} combined; large_client_header_buffers 4 32k; ${temporary}
      server { listen unix:${at('nginx')}; location / { return 200 hello; } } }`
  writeFileSync(at('nginx.conf'), config)
  const nginx = spawn(program, ['-c', at('nginx.conf'), '-e', 'stderr', '-p', folder], { stdio: 'ignore' })
  onTestFinished(async () => {
    if (nginx.exitCode === null) nginx.kill('SIGKILL')
    if (nginx.exitCode === null && nginx.signalCode === null) await once(nginx, 'exit')
    rmSync(folder, { recursive: true, force: true })
  })
  await until(() => existsSync(at('nginx')), 'nginx listens')
  const theirs = () => (existsSync(at('access.log')) ? readFileSync(at('access.log'), 'latin1').split('\n').slice(0, -1) : [])

  const ours: string[] = []
  const { port, proxy } = await startProxy([await httpOrigin((_incoming, response) => response.end('hello'))])
  proxy.subscribe((event) => {
    if (event.type === 'request-finished') ours.push(accessLine(event, 'combined'))
  })

  for (const request of [...sound, ...refused]) {
    const before = theirs().length
    await sendTo(at('nginx'), request)
    await exchangeRaw(port, request)
    await until(() => theirs().length > before && ours.length > before, `lines for ${JSON.stringify(request)}`)
    // One line each, or a client could write what it likes into the log.
    expect([theirs().length, ours.length]).toEqual([before + 1, before + 1])
  }
  expect(ours.slice(0, sound.length).map(behindTime)).toEqual(theirs().slice(0, sound.length).map(behindTime))
  const asked = (line: string) => /^"(.*?)" \d{3} /.exec(behindTime(line))?.[1]
  expect(ours.slice(sound.length).map(asked)).toEqual(theirs().slice(sound.length).map(asked))
})

/** Latin-1, as `exchangeRaw` writes it. */
async function sendTo(path: string, request: string): Promise<void> {
  const socket = connect(path, () => socket.write(request))
  socket.on('error', () => {}).resume()
  await once(socket, 'close')
}
