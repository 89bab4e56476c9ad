import { systemClock } from '@hotspare/core'
import type { Message } from '@hotspare/dns-wire'
import { noFlags } from '@hotspare/dns-wire'
import { freePort } from '@hotspare/dns-wire/testing'
import { describe, expect, it } from 'vitest'
import { answerOf, askingOverTheWire } from './ask.ts'

const ask = askingOverTheWire({ timeoutMs: 1_000, attempts: 2, clock: systemClock })

describe('asking', () => {
  it('a port where nobody listens is silent, and that is not our fault', async () => {
    const server = { address: '127.0.0.1', port: await freePort() }
    const asked = await ask({ server, name: 'example.com', type: 'SOA' }, {})
    expect(asked).toMatchObject({ kind: 'silent', here: false })
    // The server is named beside the reason.
    expect(JSON.stringify(asked)).not.toContain('127.0.0.1:')
  })

  it('with a signal that has aborted rejects with its reason', async () => {
    const server = { address: '127.0.0.1', port: await freePort() }
    const signal = AbortSignal.abort(new Error('stopping'))
    await expect(ask({ server, name: 'example.com', type: 'SOA' }, { signal })).rejects.toThrow('stopping')
  })

  it('what cannot be written as a question is told to the caller, and not held against the server', async () => {
    const server = { address: '127.0.0.1', port: await freePort() }
    await expect(ask({ server, name: 'a..b', type: 'A' }, {})).rejects.toMatchObject({ code: 'HOTSPARE_DNS_WIRE_VALUE' })
  })
})

describe('answerOf', () => {
  const message = (answers: Message['answers']): Message => ({
    id: 1,
    flags: { ...noFlags, response: true, authoritative: true },
    rcode: 'NOERROR',
    questions: [],
    answers,
    authorities: [],
    additionals: [],
  })

  it('has a text that is no UTF-8 as something that is none of ours', () => {
    const data = { kind: 'TXT', strings: [Uint8Array.of(0xff, 0xfe)] } as const
    const [record] = answerOf(message([{ name: 'a.example', type: 'TXT', class: 'IN', ttlSeconds: 30, data }])).answers
    expect(record).toMatchObject({ type: 'TXT', ttlSeconds: 30 })
  })

  it('tells what a signature covers, and for how long', () => {
    const data = {
      kind: 'RRSIG',
      covers: 'A',
      algorithm: 13,
      labels: 2,
      originalTtlSeconds: 30,
      untilSeconds: 2_000,
      fromSeconds: 1_000,
      keyTag: 1,
      signer: 'example',
      signature: Uint8Array.of(1),
    } as const
    const [record] = answerOf(message([{ name: 'a.example', type: 'RRSIG', class: 'IN', ttlSeconds: 30, data }])).answers
    expect(record?.signature).toEqual({ covers: 'A', originalTtlSeconds: 30, startsAtSeconds: 1_000, endsAtSeconds: 2_000 })
  })
})
