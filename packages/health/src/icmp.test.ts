import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { icmpProbe } from './icmp.ts'
import { probeContract } from './testing/index.ts'

const PING = ['/usr/bin/ping', '/bin/ping'].find((path) => existsSync(path))
const host = '127.0.0.1'
const PATIENT_MS = 15_000

/** A program in place of ping. */
function pretend(script: string): { readonly program: string; readonly close: () => Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-ping-'))
  const program = join(folder, 'ping')
  writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return { program, close: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })) }
}

const wellKnown = `echo '3 packets transmitted, 3 received, 0% packet loss, time 0ms'`

probeContract({
  runner: { describe, it },
  name: 'icmpProbe',
  healthy: () => {
    const { program, close } = pretend(wellKnown)
    return Promise.resolve({ probe: icmpProbe({ host, program, timeoutMs: PATIENT_MS }), close })
  },
  // A label of 64 characters is one too many for DNS: the answer needs no name server.
  dead: () =>
    Promise.resolve({ probe: icmpProbe({ host: `${'a'.repeat(64)}.invalid`, timeoutMs: PATIENT_MS }), close: () => Promise.resolve() }),
  silent: () => {
    const { program, close } = pretend('sleep 600')
    return Promise.resolve({ probe: icmpProbe({ host, program, count: 1, timeoutMs: 200 }), close })
  },
})

describe('the real ping', () => {
  it('reaches 127.0.0.1, and says how long that takes', async (context) => {
    if (PING === undefined) return context.skip('ping is not installed')
    const result = await icmpProbe({ host, count: 2, timeoutMs: PATIENT_MS }).run()
    expect(result).toMatchObject({
      outcome: 'pass',
      detail: expect.stringMatching(/^2 of 2 replies, [\d.]+ ms on average \(by ping\)$/),
      measures: { 'loss-ratio': 0, 'round-trip-ms': expect.any(Number) },
    })
  })

  it('looks a name up by itself first', async (context) => {
    if (PING === undefined) return context.skip('ping is not installed')
    const result = await icmpProbe({ host: 'localhost', family: 4, count: 1, program: PING, timeoutMs: PATIENT_MS }).run()
    expect(result).toMatchObject({ outcome: 'pass', detail: expect.stringContaining(`(by ${PING})`), phases: [{ name: 'dns' }] })
  })
})

describe('icmpProbe with a hostile program', () => {
  it.each([
    { name: 'none', script: undefined, outcome: 'inconclusive', detail: /cannot be started/ },
    {
      name: 'one without permission',
      script: 'echo "ping: socket: Operation not permitted" >&2; exit 2',
      outcome: 'inconclusive',
      detail: /not permitted/,
    },
    {
      name: 'one that does not know its options',
      script: 'echo "usage: ping host" >&2; exit 64',
      outcome: 'inconclusive',
      detail: /usage/,
    },
    { name: 'one that says nothing', script: 'exit 0', outcome: 'inconclusive', detail: /exit code 0/ },
    { name: 'one that writes without end', script: 'yes', outcome: 'inconclusive', detail: /wrote more than \d+ bytes/ },
    { name: 'one that is killed', script: 'kill -9 $$', outcome: 'inconclusive', detail: /ended by SIGKILL/ },
  ])('$name: $outcome', async ({ script, outcome, detail }) => {
    const { program, close } = pretend(script ?? '')
    onTestFinished(close)
    const result = await icmpProbe({ host, program: script === undefined ? `${program}-missing` : program, timeoutMs: PATIENT_MS }).run()
    expect(result.outcome).toBe(outcome)
    expect(result.detail).toMatch(detail)
  })

  it('ends the whole group of one that ignores its end', async () => {
    const { program, close } = pretend(`trap '' TERM; sleep 600 & echo $$ > "$0.pid"; sleep 600`)
    onTestFinished(close)
    // Long enough for the shell to start, even on a busy machine.
    const result = await icmpProbe({ host, program, count: 1, timeoutMs: 700 }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason: 'timeout', detail: expect.stringContaining('while waiting for /') })
    await expect.poll(() => groupOf(program), { timeout: 5_000 }).toBe('gone')
  })
})

/** Whether anybody of the group of the pretended program is left. */
function groupOf(program: string): 'gone' | 'alive' {
  try {
    process.kill(-Number(readFileSync(`${program}.pid`, 'utf8')), 0)
    return 'alive'
  } catch {
    return 'gone'
  }
}

describe('icmpProbe', () => {
  it.each([
    { options: { host: '' }, says: 'host' },
    { options: { count: 0 }, says: 'count' },
    { options: { intervalMs: 1 }, says: 'intervalMs' },
    { options: { maxLossRatio: 2 }, says: 'maxLossRatio' },
    { options: { program: '-f\u0000' }, says: 'program' },
    { options: { count: 5, intervalMs: 500 }, says: 'timeoutMs' },
    { options: { timeout: 5 }, says: 'timeout' },
  ])('rejects options that are not valid, and names $says', ({ options, says }) => {
    expect(() => icmpProbe({ host, ...options })).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS', message: expect.stringContaining(says) }),
    )
  })

  it('asks for an address in numbers, in one language, and ends before its own deadline', async () => {
    const { program, close } = pretend(`echo "$LC_ALL $*" > "$0.seen"; ${wellKnown}`)
    onTestFinished(close)
    expect(await icmpProbe({ host: 'localhost', family: 4, program, timeoutMs: PATIENT_MS }).run()).toMatchObject({ outcome: 'pass' })
    expect(readFileSync(`${program}.seen`, 'utf8')).toBe('C -n -c 3 -i 0.2 -W 13.100 127.0.0.1\n')
  })
})
