import type { DnsSystem } from './system.ts'
import { bareDgram } from './systems/bare-dgram.ts'
import { gdnsd } from './systems/gdnsd.ts'
import { hotspare } from './systems/hotspare.ts'

/** In the order of each round. */
export const dnsSystems: readonly DnsSystem[] = [hotspare, bareDgram, gdnsd]

/** What the table sets the others against. */
export const dnsReference: DnsSystem = gdnsd
