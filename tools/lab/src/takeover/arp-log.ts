/** A machine said on the network that an address is its own. */
export interface Claim {
  readonly atMs: number
  /** The port of the switch where it came in. */
  readonly port: string
  /**
   * `answer`: a reply or an advertisement, asked for or not. `announcement`: a request for the address by the address itself.
   * `use`: a request for another address in its name, from which others learn as well.
   */
  readonly kind: 'answer' | 'announcement' | 'use'
}

/** What of a captured line is needed: `-i any -Q in -l -n -e -tt`, for ARP and neighbour advertisements. */
const LINE =
  /^(\d+\.\d+) (\S+) .*?(?:Reply (\S+) is-at|Request who-has (\S+)(?: \([^)]*\))? tell ([^\s,]+)|neighbor advertisement, tgt is ([^\s,]+))/gmu

/** Who claimed the address, by what tcpdump printed in the switch. The bridge's own copy of a broadcast is left out. */
export function parseClaims(output: string, address: string, toMs: (wallMs: number) => number): readonly Claim[] {
  return [...output.matchAll(LINE)].flatMap(([, seconds, port = '', answered, asked, asker, advertised]): Claim[] => {
    if (port === 'bridge' || address !== (answered ?? asker ?? advertised)) return []
    const kind = asker === undefined ? 'answer' : asked === asker ? 'announcement' : 'use'
    return [{ atMs: toMs(Number(seconds) * 1_000), port, kind }]
  })
}

export const captureParameters: readonly string[] = [
  ...'-i any -Q in -l -n -e -tt --immediate-mode'.split(' '),
  'arp or (icmp6 and ip6[40] == 136)',
]
