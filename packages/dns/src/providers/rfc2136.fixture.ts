import { randomBytes } from 'node:crypto'
import { presentValue, type TsigKey } from '@hotspare/dns-wire'
import { createDnsClient } from '@hotspare/dns-wire/client'
import { hasBind, hasKnot, hasPowerDns, startBind, startKnot, startPowerDns, type TestServer } from '@hotspare/dns-wire/testing'
import { isWithin } from '../name.ts'
import type { RecordSet, RecordSetName } from '../record-set.ts'
import type { DnsProviderFixture } from '../testing/index.ts'
import { recordSet } from '../value.ts'
import { DnsRelay } from './rfc2136/relay.fixture.ts'
import { rfc2136Zone } from './rfc2136.ts'

export const ZONE = 'example.test'

function newKey(): TsigKey {
  return { name: 'hotspare', algorithm: 'hmac-sha256', secret: randomBytes(32).toString('base64') }
}

export interface ServerKind {
  readonly name: string
  readonly isThere: boolean
  /** Whether it says that it is the key that it refuses. */
  readonly tellsCredentials: boolean
  start(key: TsigKey): Promise<TestServer>
}

export const serverKinds: readonly ServerKind[] = [
  { name: 'BIND', isThere: hasBind(), tellsCredentials: true, start: (key) => startBind({ zones: [{ name: ZONE }], keys: [key] }) },
  { name: 'Knot', isThere: hasKnot(), tellsCredentials: true, start: (key) => startKnot({ zones: [{ name: ZONE }], keys: [key] }) },
  {
    name: 'PowerDNS',
    isThere: hasPowerDns(),
    tellsCredentials: false,
    start: (key) => startPowerDns({ zones: [{ name: ZONE }], keys: [key] }),
  },
]

/** What a zone really has, and changes to it that ask for nothing. */
export interface Behind {
  put(set: RecordSet): Promise<void>
  remove(name: RecordSetName): Promise<void>
  peek(name: RecordSetName): Promise<RecordSet | undefined>
  serial(): Promise<number>
  close(): Promise<void>
}

function behind(server: TestServer, key: TsigKey): Behind {
  const client = createDnsClient({ server: { address: server.address, port: server.port }, key })
  return {
    async put({ name, type, ttlSeconds, values }: RecordSet): Promise<void> {
      const updates = [
        { kind: 'delete-set', name, type },
        { kind: 'add', name, type, ttlSeconds, values },
      ] as const
      await done(client.update({ zone: ZONE, prerequisites: [], updates }))
    },
    async remove({ name, type }: RecordSetName): Promise<void> {
      await done(client.update({ zone: ZONE, prerequisites: [], updates: [{ kind: 'delete-set', name, type }] }))
    },
    async peek({ name, type }: RecordSetName): Promise<RecordSet | undefined> {
      const { message } = await client.query({ name, type })
      const found = message.answers.filter((record) => record.name === name && record.type === type)
      const [first] = found
      if (!first) return undefined
      return recordSet({ name, type, ttlSeconds: first.ttlSeconds, values: found.map(({ data }) => presentValue(type, data)) })
    },
    async serial(): Promise<number> {
      const { message } = await client.query({ name: ZONE, type: 'SOA' })
      const [soa] = message.answers
      return soa?.data.kind === 'SOA' ? soa.data.serial : -1
    },
    close: () => client.close(),
  }
}

async function done(update: ReturnType<ReturnType<typeof createDnsClient>['update']>): Promise<void> {
  const result = await update
  if (result.kind === 'refused') throw new Error(result.because)
}

/** One server for all tests of a file; what a test has left is taken away before the next. */
export class SharedServer {
  readonly key: TsigKey = newKey()
  readonly #kind: ServerKind
  #server: TestServer | undefined
  readonly #touched = new Map<string, RecordSetName>()

  constructor(kind: ServerKind) {
    this.#kind = kind
  }

  async start(): Promise<void> {
    this.#server = await this.#kind.start(this.key)
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
  }

  get address(): { readonly address: string; readonly port: number } {
    if (!this.#server) throw new Error('the server was not started')
    return { address: this.#server.address, port: this.#server.port }
  }

  behind(): Behind {
    if (!this.#server) throw new Error('the server was not started')
    return behind(this.#server, this.key)
  }

  async fixture(): Promise<DnsProviderFixture> {
    const now = this.behind()
    const relay = await new DnsRelay(this.address.port).start()
    const touch = ({ name, type }: RecordSetName) => {
      if (isWithin(name, ZONE) && type !== 'ALIAS') this.#touched.set(`${name} ${type}`, { name, type })
    }
    return {
      open: (clock) => {
        const provider = rfc2136Zone({ zone: ZONE, server: { address: '127.0.0.1', port: relay.port }, key: this.key, clock })
        return {
          ...provider,
          change(replacements, options) {
            for (const { expected } of replacements) touch(expected)
            return provider.change(replacements, options)
          },
        }
      },
      standIn: relay,
      faults: ['500', 'hang', 'reset', 'late-reset', 'garbage', 'huge'],
      comparesTtl: false,
      tellsCredentials: this.#kind.tellsCredentials,
      seed: (set) => {
        touch(set)
        return now.put(set)
      },
      remove: (name) => now.remove(name),
      peek: (name) => now.peek(name),
      secrets: [this.key.secret],
      close: async () => {
        await relay.close()
        const left = [...this.#touched.values()]
        this.#touched.clear()
        for (const name of left) await now.remove(name)
        await now.close()
      },
    }
  }
}
