/** The gate: packets of a guarded address pass only while its element in a set with timeouts is alive. */

export const GATE_TABLE = 'hotspare_vip'
export const GUARDED = 'guarded'
export const ALIVE = 'alive'

const sets = (families: readonly string[]) =>
  families.flatMap((family) => {
    const type = family === '4' ? 'ipv4_addr' : 'ipv6_addr'
    return [GUARDED, ALIVE].map((set) => `set ${set}${family} { type ${type}; flags timeout; }`)
  })

/**
 * Our tables, for `nft -f -`. Adding what is there is no error, and the chains are filled anew in the same transaction, so
 * that this can be loaded again at any time and never opens or shuts a gate.
 *
 * - Before connection tracking and address translation, and without either: what is published by translation is guarded too.
 * - Only while the address is this node's own (`fib`): a node that has lost it reaches the new holder, and routes for others.
 * - TCP is reset, also towards our own programs, whatever they would still send from the address; anything else is dropped.
 *   Resets pass, or ours would not get out.
 * - ARP is neither answered nor asked in the address's name; the advertisements of IPv6 come from the address and are dropped.
 */
export function gateRules(): string {
  const t = GATE_TABLE
  return [
    `table inet ${t} {`,
    ...sets(['4', '6']),
    'chain refuse { }',
    'chain arriving { type filter hook prerouting priority -310; policy accept; }',
    'chain leaving { type filter hook output priority -310; policy accept; }',
    '}',
    `table arp ${t} {`,
    ...sets(['4']),
    'chain arriving { type filter hook input priority 0; policy accept; }',
    'chain leaving { type filter hook output priority 0; policy accept; }',
    '}',
    ...['inet', 'arp'].map((family) => `flush table ${family} ${t}`),
    `add rule inet ${t} refuse meta l4proto tcp reject with tcp reset`,
    `add rule inet ${t} refuse drop`,
    ...['arriving', 'leaving'].flatMap((chain) => {
      const side = chain === 'arriving' ? 'daddr' : 'saddr'
      return [
        `add rule inet ${t} ${chain} tcp flags & rst == rst accept`,
        ...[
          ['ip', '4'],
          ['ip6', '6'],
        ].map(
          ([ip, family]) =>
            `add rule inet ${t} ${chain} ${ip} ${side} @${GUARDED}${family} ${ip} ${side} != @${ALIVE}${family} fib ${side} type local jump refuse`,
        ),
        `add rule arp ${t} ${chain} arp ${side} ip @${GUARDED}4 arp ${side} ip != @${ALIVE}4 drop`,
      ]
    }),
    '',
  ].join('\n')
}

/** Which tables hold sets for a family of addresses. */
export function gateTables(family: 4 | 6): readonly ('inet' | 'arp')[] {
  return family === 4 ? ['inet', 'arp'] : ['inet']
}
