import { z } from 'zod'
import { addressBytes, addressText } from './address.ts'
import type { AddressEntry, LinkFacts } from './driver.ts'

/** What `ip -j` prints, for the fields that we read; whatever else is there is ignored. */

const FOREVER = 0xffff_ffff

const linkSchema = z.object({
  ifindex: z.number(),
  ifname: z.string(),
  flags: z.array(z.string()).default([]),
  link_type: z.string().default(''),
  address: z.string().default(''),
})

const addressSchema = z.object({
  local: z.string(),
  prefixlen: z.number(),
  label: z.string().optional(),
  valid_life_time: z.number().default(FOREVER),
  tentative: z.boolean().default(false),
  dadfailed: z.boolean().default(false),
})

const hostSchema = z.object({ ifindex: z.number(), addr_info: z.array(z.unknown()).default([]) })

/** @returns undefined for what is no JSON of `ip -j link` */
export function parseIpLinks(text: string): readonly LinkFacts[] | undefined {
  return listOf(text)?.flatMap((item) => {
    const { success, data } = linkSchema.safeParse(item)
    if (!success) return []
    const { ifindex, ifname, flags, link_type: type, address } = data
    return [
      {
        index: ifindex,
        name: ifname,
        mac: type === 'ether' ? address.toLowerCase() : '',
        ethernet: type === 'ether',
        up: flags.includes('UP'),
        carrier: flags.includes('LOWER_UP'),
      },
    ]
  })
}

/** @returns undefined for what is no JSON of `ip -j address` */
export function parseIpAddresses(text: string): readonly AddressEntry[] | undefined {
  return listOf(text)?.flatMap((item) => {
    const host = hostSchema.safeParse(item)
    if (!host.success) return []
    return host.data.addr_info.flatMap((info) => {
      const { success, data } = addressSchema.safeParse(info)
      const bytes = success ? addressBytes(data.local) : undefined
      if (!success || !bytes) return []
      return [
        {
          linkIndex: host.data.ifindex,
          address: addressText(bytes),
          prefixLength: data.prefixlen,
          unusable: data.tentative || data.dadfailed,
          ...(data.label === undefined ? {} : { label: data.label }),
          ...(data.valid_life_time === FOREVER ? {} : { validSeconds: data.valid_life_time }),
        },
      ]
    })
  })
}

/** @returns the hardware address in what `ip -j neighbour` prints */
export function parseIpNeighbour(text: string): string | undefined {
  const found = listOf(text)?.map((item) => z.object({ lladdr: z.string() }).safeParse(item).data?.lladdr)
  return found?.find((mac) => mac !== undefined)?.toLowerCase()
}

/** @returns the hardware address in the answer that `arping` reports */
export function parseArpingReply(text: string): string | undefined {
  return /\[((?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2})\]/.exec(text)?.[1]?.toLowerCase()
}

function listOf(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text.trim() === '' ? '[]' : text)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
