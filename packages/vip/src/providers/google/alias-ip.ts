import { CloudError, idPart, listAt, textAt } from '@hotspare/cloud'
import { z } from 'zod'
import { ipv4Part, parseProvider } from '../options.ts'
import type { AddressProvider, Operation } from '../provider.ts'
import { anythingBut } from '../reading.ts'
import { Compute, type GoogleOptions, googleParts, googleTarget, googleTerms, type ResolvedGoogleOptions } from './compute.ts'

export interface AliasIpOptions extends GoogleOptions {
  /** An IPv4 address of the subnet, or of one of its secondary ranges. */
  readonly address: string
  /** The secondary range that it belongs to. Default: the subnet's own */
  readonly rangeName?: string | undefined
  /** Of every instance. Default: `nic0` */
  readonly interface?: string | undefined
}

type Resolved = ResolvedGoogleOptions & { readonly address: string; readonly rangeName: string | undefined; readonly interface: string }

export const aliasIpOptionsSchema: z.ZodType<Resolved, AliasIpOptions> = z.strictObject({
  ...googleParts,
  address: ipv4Part,
  rangeName: idPart('services')
    .optional()
    .transform((value) => value),
  interface: z
    .string()
    .regex(/^nic\d$/, 'expected a network interface, like nic0')
    .default('nic0'),
})

/**
 * An alias IP range of one address, on the network interface of one instance, named as `zone/instance`. It is taken off one and
 * added to another; each change carries the fingerprint of the interface, so that one of somebody else meanwhile is not undone.
 * Google keeps no token for it. An instance that was deleted has nothing.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function aliasIp(options: AliasIpOptions): AddressProvider {
  const { address, rangeName, interface: nic, ...google } = parseProvider('google-alias-ip', aliasIpOptionsSchema, options)
  const { project } = google
  const id = `google-alias-ip ${address}`
  const compute = new Compute(id, google)
  const range = `${address}/32`

  function pathOf(target: string): { readonly instance: string; readonly operations: string } {
    const { zone, instance } = googleTarget(target)
    return {
      instance: `/projects/${project}/zones/${zone}/instances/${instance}`,
      operations: `/projects/${project}/zones/${zone}/operations`,
    }
  }

  async function interfaceOf(target: string, signal: AbortSignal) {
    const found = await compute.find(pathOf(target).instance, signal)
    if (found === undefined) return undefined
    const card = listAt(found, 'networkInterfaces').find((each) => textAt(each, 'name') === nic)
    if (card === undefined) throw new CloudError({ who: id, fault: 'refused', why: `${target} has no ${nic}` })
    const ranges = listAt(card, 'aliasIpRanges')
    return { fingerprint: textAt(card, 'fingerprint'), ranges, has: ranges.some(isOurs) }
  }

  const isOurs = (each: unknown) => [range, address].includes(textAt(each, 'ipCidrRange') ?? '')

  async function change(target: string, wanted: boolean, signal: AbortSignal): Promise<Operation | undefined> {
    const card = await interfaceOf(target, signal)
    if (card === undefined && wanted) throw new CloudError({ who: id, fault: 'refused', why: `there is no instance ${target}` })
    if (card === undefined || card.has === wanted) return undefined
    const others = card.ranges.filter((each) => !isOurs(each))
    const ours = { ipCidrRange: range, ...(rangeName === undefined ? {} : { subnetworkRangeName: rangeName }) }
    const json = { aliasIpRanges: wanted ? [...others, ours] : others, fingerprint: card.fingerprint }
    const { instance, operations } = pathOf(target)
    const path = `${instance}/updateNetworkInterface?networkInterface=${nic}`
    return compute.change({ method: 'PATCH', path, json }, operations, signal)
  }

  return {
    id,
    shape: 'release-then-take',
    asksEach: true,
    // Resource agents allow 300 s.
    terms: { ...googleTerms, typicalMs: 20_000, allowedMs: { acquire: 300_000, release: 120_000 } },
    async look(targets, signal) {
      const found = await Promise.all(targets.map(async (target) => ((await interfaceOf(target, signal))?.has ? [target] : [])))
      return { places: [{ name: address, holder: found.flat()[0] }] }
    },
    assign: ({ target, signal }) => change(target, true, signal),
    unassign: ({ target, signal }) => change(target, false, signal),
    instruction(verb, { target, others }) {
      const instances = 'gcloud compute instances'
      const format = `--format 'value[delimiter=";"](networkInterfaces[${nic.slice(3)}].aliasIpRanges[].ipCidrRange)'`
      const list = (each: string) => `${instances} describe ${named(project, each)} ${format} | tr ';' '\\n'`
      const look = (each: string) => `${list(each)} | grep -Fx ${range} || echo none`
      // Without the one that moves; the others of the interface stay.
      const rest = (each: string) => `${list(each)} | grep -vFx ${range} | paste -sd ';' -`
      const update = (each: string, aliases: string) =>
        `${instances} network-interfaces update ${named(project, each)} --network-interface ${nic} --aliases "${aliases}"`
      const own = `${rangeName === undefined ? '' : `${rangeName}:`}${range}`
      if (verb === 'acquire') {
        return {
          what: `Add the alias IP ${range} to ${googleTarget(target).instance}, after it was taken off whoever has it. Write NAME: before other ranges that are of a secondary range.`,
          manual: [
            ...others.map((each) => `[ "$(${look(each)})" = none ] || ${update(each, `$(${rest(each)})`)}`),
            update(target, `$({ ${list(target)} | grep -vFx ${range}; echo ${own}; } | grep . | paste -sd ';' -)`),
          ],
          verification: { command: look(target), expect: `^${range.replaceAll('.', String.raw`\.`).replace('/', String.raw`\/`)}$` },
        }
      }
      return {
        what: `Take the alias IP ${range} off ${googleTarget(target).instance}.`,
        manual: [`[ "$(${look(target)})" = none ] || ${update(target, `$(${rest(target)})`)}`],
        verification: { command: look(target), expect: anythingBut(range) },
      }
    },
    close: () => compute.close(),
  }
}

function named(project: string, target: string): string {
  const { zone, instance } = googleTarget(target)
  return `${instance} --project ${project} --zone ${zone}`
}
