import { type Asked, soaOf } from '../verify/answer.ts'
import { type Place, placeText } from '../verify/board.ts'
import { lameness } from '../verify/judge.ts'
import type { Delegation } from '../verify/name-servers.ts'
import { newestSerial, serialDistance } from '../serial.ts'
import type { Finding } from './finding.ts'

/** What one address of a name server said to the question for the zone's SOA. */
export interface ServerLook {
  readonly place: Place
  readonly soa: Asked
}

/** Whether the zone's servers are there, speak for it, and are the ones that the parent names. */
export function checkServers(zone: string, looks: readonly ServerLook[], delegation: Delegation | undefined): readonly Finding[] {
  if (looks.length === 0) {
    const because = delegation?.gaps.join('; ') ?? ''
    return [
      {
        code: 'servers-unknown',
        severity: 'error',
        where: zone,
        what: `no name server of the zone was found${because === '' ? '' : `: ${because}`}`,
        fix: 'is the zone delegated, and can this machine resolve names? Else name its servers with `servers`',
      },
    ]
  }
  return [...looks.flatMap((look) => checkServer(zone, look)), ...checkSerials(zone, looks), ...checkDelegation(zone, delegation)]
}

function checkServer(zone: string, { place, soa }: ServerLook): readonly Finding[] {
  const where = placeText(place)
  if (soa.kind === 'silent') {
    if (soa.here) {
      const fix = 'nothing, if the server has an address that this machine can reach; it was not looked at'
      return [{ code: 'server-unreachable-from-here', severity: 'info', where, what: soa.because, fix }]
    }
    const fix = 'bring it back, or take it out of the NS records of the zone and of its parent: resolvers lose time with it'
    return [{ code: 'server-unreachable', severity: 'error', where, what: soa.because, fix }]
  }
  const lame = lameness(soa.answer) ?? (soaOf(soa.answer, zone) ? undefined : 'no SOA record of the zone')
  if (lame === undefined) return []
  const fix = 'set the zone up on it (a secondary may have let an old copy expire), or take it out of the NS records'
  return [{ code: 'server-lame', severity: 'error', where, what: `it does not speak for ${zone}: ${lame}`, fix }]
}

function checkSerials(zone: string, looks: readonly ServerLook[]): readonly Finding[] {
  const serials = looks.map(({ place, soa }) => ({ place, serial: serialOf(zone, soa) }))
  const newest = newestSerial(serials.map(({ serial }) => serial))
  return serials.flatMap(({ place, serial }): readonly Finding[] => {
    if (serial === undefined || newest === undefined || serialDistance(serial, newest) <= 0) return []
    return [
      {
        code: 'server-behind',
        severity: 'warning',
        where: placeText(place),
        what: `serial ${serial}, while another server has ${newest}`,
        fix: 'look again in a moment; if it stays, NOTIFY does not reach it, or it may not transfer the zone',
      },
    ]
  })
}

/** Undefined where the server tells none with authority. */
export function serialOf(zone: string, soa: Asked): number | undefined {
  return soa.kind === 'answer' && lameness(soa.answer) === undefined ? soaOf(soa.answer, zone)?.serial : undefined
}

function checkDelegation(zone: string, delegation: Delegation | undefined): readonly Finding[] {
  const { parent, child } = delegation ?? {}
  if (!parent || !child) return []
  const [above, own] = [parent.filter((name) => !child.includes(name)), child.filter((name) => !parent.includes(name))]
  if (above.length === 0 && own.length === 0) return []
  const parts = [
    ...(above.length > 0 ? [`the parent alone names ${above.join(', ')}`] : []),
    ...(own.length > 0 ? [`the zone alone names ${own.join(', ')}`] : []),
  ]
  return [
    {
      code: 'delegation-differs',
      severity: 'warning',
      where: zone,
      what: parts.join('; '),
      fix: 'make both the same: at the registrar, and as NS records in the zone. Resolvers use the ones or the others',
    },
  ]
}
