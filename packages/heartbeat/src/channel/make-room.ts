/** A connection that has not proven a key yet. */
export interface Newcomer {
  readonly network: string
  /** It has named a key of ours, and its first message was made with it. */
  readonly named: boolean
}

/**
 * Whose place a newcomer takes when all are taken. Places go by networks: the one that holds most gives one up, its oldest, so
 * who floods us from one address is in his own way. A peer's address may hold some more than others, which keeps it in when a
 * flood comes from many addresses, and no more than some, since a flood may come from a peer's machine too.
 *
 * Who has named a key goes last: it has shown that it has the key, or repeats what somebody else has sent. So who floods us from
 * the very address of a peer does not meet its handshakes either, unless he listens in.
 *
 * @param newcomers the oldest first
 * @param spared how many more a network may hold than others
 */
export function makeRoom<Each extends Newcomer>(newcomers: Iterable<Each>, spared: (network: string) => number): Each | undefined {
  const all = [...newcomers]
  const nameless = all.filter(({ named }) => !named)
  const candidates = nameless.length > 0 ? nameless : all
  const held = new Map<string, number>()
  for (const { network } of candidates) held.set(network, (held.get(network) ?? -spared(network)) + 1)
  const most = Math.max(...held.values())
  return candidates.find(({ network }) => held.get(network) === most)
}

/** Who has one IPv6 address has the 2^64 of its network; an IPv4 address, written as IPv6 too, stands for itself. */
export function networkOf(address: string): string {
  const ipv4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (ipv4 !== undefined) return ipv4
  const [head = '', tail = ''] = address.toLowerCase().replace(/%.*$/, '').split('::')
  const [left, right] = [groups(head), groups(tail)]
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  return [...left, ...zeros, ...right].slice(0, 4).join(':')
}

function groups(text: string): readonly string[] {
  return text.split(':').filter(Boolean)
}
