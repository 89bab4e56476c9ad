import type { Span } from '@hotspare/netlab'

/** From then on a machine has the address, or has it no longer. */
export interface HeldChange {
  readonly atMs: number
  readonly held: boolean
}

/** Whether an IPv4 address is a machine's own, by its `/proc/net/fib_trie`. */
export function hasLocalAddress(fibTrie: string, address: string): boolean {
  const leaf = fibTrie.indexOf(`|-- ${address}\n`)
  return leaf >= 0 && /^[^\n]*\n(?: +\/\d+ [^\n]*\n)*? +\/32 host LOCAL/u.test(fibTrie.slice(leaf))
}

/** What `ip -ts monitor address` has said about an address, the wall clock in UTC. */
export function parseMonitor(output: string, address: string, toMs: (wallMs: number) => number): readonly HeldChange[] {
  return [...output.matchAll(/^\[([\d:.T-]+)\] (Deleted )?\d+: \S+ +inet6? ([^/ ]+)/gmu)].flatMap(([, at, deleted, subject]) =>
    subject === address ? [{ atMs: toMs(Date.parse(`${at}Z`)), held: deleted === undefined }] : [],
  )
}

/** When a machine had the address. Each source tells of a change late, and none early: the first to tell is right. */
export function heldSpans(sources: readonly (readonly HeldChange[])[], untilMs: number): readonly Span[] {
  const spans: Span[] = []
  let fromMs: number | undefined
  for (const { atMs, held } of sources.flat().toSorted((a, b) => a.atMs - b.atMs)) {
    if (held) fromMs ??= atMs
    else if (fromMs !== undefined) {
      spans.push({ fromMs, toMs: atMs })
      fromMs = undefined
    }
  }
  return fromMs === undefined || fromMs >= untilMs ? spans : [...spans, { fromMs, toMs: untilMs }]
}
