/** The zone that every server has: a thousand hosts, and one that follows something. */
export const BENCH_ZONE = 'bench.test'
const HOSTS = 1_000
/** The name whose address changes. */
export const FOLLOWER = `www.${BENCH_ZONE}`
export const [PRIMARY, SPARE] = ['192.0.2.1', '192.0.2.2'] as const
export const FOLLOWER_TTL_SECONDS = 30

export interface Host {
  readonly name: string
  readonly address: string
}

export function hosts(): readonly Host[] {
  return Array.from({ length: HOSTS }, (_, index) => ({
    name: `host-${index}.${BENCH_ZONE}`,
    address: `10.0.${index >> 8}.${index & 0xff}`,
  }))
}

/** What dnsperf asks, again and again: nine hosts that are there, and a name that is not. */
export function questions(): string {
  const asked = hosts().map(({ name }, index) => (index % 10 === 9 ? `no-${name}` : name))
  return `${asked.map((name) => `${name} A`).join('\n')}\n`
}
