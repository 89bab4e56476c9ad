import { idPart, textAt } from '@hotspare/cloud'
import { z } from 'zod'
import { ipv4Part, parseProvider } from '../options.ts'
import type { AddressProvider } from '../provider.ts'
import { anythingBut, escaped, readFencingToken } from '../reading.ts'
import { Compute, type GoogleOptions, googleParts, googleTarget, googleTerms, type ResolvedGoogleOptions } from './compute.ts'

export interface GoogleRouteOptions extends GoogleOptions {
  /** Of the route; it belongs to Hotspare alone. */
  readonly name: string
  /** The VPC network: `default`. */
  readonly network: string
  /** Outside all subnets. */
  readonly address: string
  /** Default: 100 */
  readonly priority?: number | undefined
}

type Resolved = ResolvedGoogleOptions & {
  readonly name: string
  readonly network: string
  readonly address: string
  readonly priority: number
}

export const googleRouteOptionsSchema: z.ZodType<Resolved, GoogleRouteOptions> = z.strictObject({
  ...googleParts,
  name: idPart('shop-entry').regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected the name of a route, like shop-entry'),
  network: idPart('default').regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected the name of a network, like default'),
  address: ipv4Part,
  priority: z.int().min(0).max(65_535).default(100),
})

const NOTE = /^hotspare-token=(\d+)$/

/**
 * A static route to one instance, named as `zone/instance`. A route cannot be changed: it is deleted and made anew, and between
 * the two nobody has the address. Its token stands in the route's description. Instances need `canIpForward`.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function googleRoute(options: GoogleRouteOptions): AddressProvider {
  const { name, network, address, priority, ...google } = parseProvider('google-route', googleRouteOptionsSchema, options)
  const { project } = google
  const id = `google-route ${name}`
  const compute = new Compute(id, google)
  const global = `/projects/${project}/global`
  const destRange = `${address}/32`
  return {
    id,
    shape: 'release-then-take',
    // Two operations of some seconds each; resource agents allow 180 s.
    terms: { ...googleTerms, typicalMs: 15_000, allowedMs: { acquire: 180_000, release: 90_000 } },
    async look(_, signal) {
      const route = await compute.find(`${global}/routes/${name}`, signal)
      const next = /\/zones\/([^/]+)\/instances\/([^/]+)$/.exec(textAt(route, 'nextHopInstance') ?? '')
      const other = route === undefined ? undefined : 'a next hop that is no instance'
      const holder = next ? `${next[1]}/${next[2]}` : other
      return { places: [{ name, holder }], token: readFencingToken(NOTE.exec(textAt(route, 'description') ?? '')?.[1]) }
    },
    assign({ target, token, signal }) {
      const { zone, instance } = googleTarget(target)
      const nextHopInstance = `projects/${project}/zones/${zone}/instances/${instance}`
      const description = `hotspare-token=${token}`
      const json = { name, network: `projects/${project}/global/networks/${network}`, destRange, priority, nextHopInstance, description }
      return compute.change({ method: 'POST', path: `${global}/routes`, json }, `${global}/operations`, signal)
    },
    unassign({ signal }) {
      return compute.change({ method: 'DELETE', path: `${global}/routes/${name}` }, `${global}/operations`, signal, true)
    },
    instruction(verb, { target }) {
      const { zone, instance } = googleTarget(target)
      const routes = `gcloud compute routes`
      const look = `${routes} list --project ${project} --filter 'name=${name}' --format 'value(nextHopInstance.scope(projects))'`
      const shown = `${project}/zones/${zone}/instances/${instance}`
      const remove = `${routes} delete ${name} --project ${project} --quiet`
      if (verb === 'acquire') {
        const about = `--network ${network} --destination-range ${destRange} --priority ${priority}`
        return {
          what: `Lead ${destRange} to ${instance} by the route ${name}.`,
          manual: [
            `${remove} || true`,
            `${routes} create ${name} --project ${project} ${about} --next-hop-instance ${instance} --next-hop-instance-zone ${zone}`,
          ],
          verification: { command: look, expect: `^${escaped(shown)}$` },
        }
      }
      return {
        what: `Delete the route ${name}, if it leads to ${instance}.`,
        manual: [`[ "$(${look})" != ${shown} ] || ${remove}`],
        verification: { command: look, expect: anythingBut(shown) },
      }
    },
    close: () => compute.close(),
  }
}
