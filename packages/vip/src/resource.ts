import type { Instruction, Resource, ResourceVerb } from '@hotspare/core/plan'
import { parseVirtualAddress } from './address.ts'
import { vipDefaults } from './defaults.ts'
import { GATE_TABLE, gateTables, GUARDED } from './gate-rules.ts'
import type { Vip } from './vip-types.ts'

export interface VipResourceOptions {
  /** What the interface is called on another node. Default: the same as here */
  readonly interfaceOf?: ((node: string) => string) | undefined
  /** Hardware addresses of peers that may still answer for it. Default: none */
  readonly tolerate?: (() => readonly string[]) | undefined
  /** Whether the address has a lifetime: then people who move it by hand have to lift the gate first. Default: false */
  readonly hasLifetime?: boolean | undefined
  /** How long each verb may take, in milliseconds. Default: 10,000 each */
  readonly allowedMs?: Readonly<Record<ResourceVerb, number>> | undefined
}

/** The virtual address as something that follows the active member. */
export function vipResource(vip: Vip, options: VipResourceOptions = {}): Resource {
  const { interfaceOf = () => vip.interface, tolerate = () => [], hasLifetime = false } = options
  const { allowedMs = { acquire: vipDefaults.allowedMs, release: vipDefaults.allowedMs } } = options
  return {
    id: `vip ${vip.address}`,
    allowedMs,
    instruction: (verb, node) => vipInstruction(verb, { address: vip.address, interface: interfaceOf(node), hasLifetime }),
    prepare: () => vip.prepare(),
    obstacle: () => vip.obstacle(),
    observe: (call) => vip.observe(call),
    acquire: (right, call) => vip.claim({ right, tolerate: tolerate(), probed: call?.handedOver, signal: call?.signal }),
    release: (call) => vip.release(call),
  }
}

/** The verbs for people, as root on the step's node. */
export function vipInstruction(
  verb: ResourceVerb,
  about: { readonly address: string; readonly interface: string; readonly hasLifetime: boolean },
): Instruction {
  const { address, interface: link, hasLifetime } = about
  const parsed = parseVirtualAddress(address)
  const bare = parsed?.text ?? address
  const ipv6 = parsed?.family === 6
  const look = `ip -o address show dev ${link} to ${bare}`
  const remove = `ip address delete ${address} dev ${link}`
  if (verb === 'release') {
    return {
      what: `Take ${bare} off ${link}.`,
      manual: [remove],
      verification: { command: look, expect: '^$' },
    }
  }
  return {
    what: `Put ${bare} on ${link}, and tell the network.`,
    manual: [
      // What a process that has ended may have left: it goes by itself within seconds, and would refuse all traffic until then.
      ...(hasLifetime
        ? gateTables(ipv6 ? 6 : 4).map(
            (table) => `nft delete element ${table} ${GATE_TABLE} ${GUARDED}${ipv6 ? 6 : 4} '{ ${bare} }' 2>/dev/null || true`,
          )
        : []),
      `ip address add ${address} dev ${link}${ipv6 ? ' nodad preferred_lft 0' : ''}`,
      // An echo request is answered with a look at who asks: nothing announces IPv6 from a shell, and neighbours find out by themselves.
      ipv6 ? `ping -6 -c 3 -I ${bare} ff02::1%${link}` : `arping -U -c 3 -I ${link} ${bare}`,
    ],
    verification: { command: look, expect: escaped(`${bare}/`) },
    undo: [remove],
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
}
