import { CloudError, idPart, listAt, textAt } from '@hotspare/cloud'
import { z } from 'zod'
import { addressPart, parseProvider } from '../options.ts'
import type { AddressProvider, Place } from '../provider.ts'
import { anythingBut, escaped } from '../reading.ts'
import { type AwsOptions, awsParts, awsTerms, Ec2, holderOf, type ResolvedAwsOptions, targetParameter, tokenAmong } from './ec2.ts'

export interface AwsRoutesOptions extends AwsOptions {
  /** `192.168.100.1`: outside the address range of the VPC; it may lie in any availability zone. */
  readonly address: string
  /** `rtb-0a1b2c3d`: every table whose subnets are to reach it. */
  readonly tables: readonly string[]
}

type Resolved = ResolvedAwsOptions & { readonly address: string; readonly tables: readonly string[] }

/** More tables than that take longer than a takeover may. */
const MOST_TABLES = 20

export const awsRoutesOptionsSchema: z.ZodType<Resolved, AwsRoutesOptions> = z.strictObject({
  ...awsParts,
  address: addressPart,
  tables: z
    .array(idPart('rtb-0a1b2c3d').regex(/^rtb-/, 'expected the id of a route table, like rtb-0a1b2c3d'))
    .min(1)
    .max(MOST_TABLES)
    .refine((tables) => new Set(tables).size === tables.length, 'a table is there twice'),
})

/**
 * An address outside the VPC's own range that route tables lead to one network interface (`eni-...`) or instance. The interfaces
 * need `SourceDestCheck=false`. Each table is a place of its own; a takeover that was cut short between two is completed by the
 * next. Its token is a tag of every table, one for each address.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function awsRoutes(options: AwsRoutesOptions): AddressProvider {
  const { address, tables, ...aws } = parseProvider('aws-route', awsRoutesOptionsSchema, options)
  const id = `aws-route ${address}`
  const ec2 = new Ec2(id, aws)
  const cidr = address.includes(':') ? `${address}/128` : `${address}/32`
  const block = address.includes(':') ? 'DestinationIpv6CidrBlock' : 'DestinationCidrBlock'
  const tag = `hotspare-token/${address}`
  const numbered = (name: string) => Object.fromEntries(tables.map((table, index) => [`${name}.${index + 1}`, table]))
  return {
    id,
    shape: 'atomic',
    // One call for each table, and seconds until all of them have it.
    terms: { ...awsTerms, typicalMs: 3_000 + tables.length * 500, allowedMs: { acquire: 90_000, release: 60_000 } },
    async look(targets, signal) {
      const answer = await ec2.call('DescribeRouteTables', numbered('RouteTableId'), signal)
      const found = listAt(answer, 'routeTableSet', 'item')
      const tokens: number[] = []
      const places = tables.map((name): Place => {
        const table = found.find((each) => textAt(each, 'routeTableId') === name)
        if (table === undefined) throw new CloudError({ who: id, fault: 'unavailable', why: `the answer does not tell of ${name}` })
        tokens.push(tokenAmong(table, tag) ?? 0)
        const key = `${block.slice(0, 1).toLowerCase()}${block.slice(1)}`
        const route = listAt(table, 'routeSet', 'item').find((each) => textAt(each, key) === cidr)
        // A route may lead to a gateway, a peering or anything else that has an id: nothing of ours.
        const other =
          route === undefined ? undefined : (textAt(route, 'gatewayId') ?? textAt(route, 'transitGatewayId') ?? 'another kind of target')
        return { name, holder: holderOf(route, targets) ?? other }
      })
      const newest = Math.max(...tokens)
      return { places, token: newest === 0 ? undefined : newest }
    },
    async assign({ place, target, signal }) {
      const action = place.holder === undefined ? 'CreateRoute' : 'ReplaceRoute'
      await ec2.call(action, { RouteTableId: place.name, [block]: cidr, ...targetParameter(target) }, signal)
      return undefined
    },
    async unassign({ place, signal }) {
      await ec2.call('DeleteRoute', { RouteTableId: place.name, [block]: cidr }, signal, ['InvalidRoute.NotFound'])
      return undefined
    },
    async writeToken(token, signal) {
      await ec2.call('CreateTags', { ...numbered('ResourceId'), 'Tag.1.Key': tag, 'Tag.1.Value': String(token) }, signal)
    },
    instruction(verb, { target }) {
      const field = target.startsWith('i-') ? 'InstanceId' : 'NetworkInterfaceId'
      const option = address.includes(':') ? '--destination-ipv6-cidr-block' : '--destination-cidr-block'
      const query = `RouteTables[].Routes[?${block}=='${cidr}'].${field}[]`
      const lookAt = (names: readonly string[]) =>
        `${ec2.cli} describe-route-tables --route-table-ids ${names.join(' ')} --query "${query}" --output text | tr '\\t' '\\n' | sort -u`
      const to = target.startsWith('i-') ? `--instance-id ${target}` : `--network-interface-id ${target}`
      const about = (table: string) => `--route-table-id ${table} ${option} ${cidr}`
      if (verb === 'acquire') {
        return {
          what: `Lead ${cidr} to ${target} in ${tables.join(', ')}.`,
          manual: tables.map((table) => `${ec2.cli} replace-route ${about(table)} ${to} || ${ec2.cli} create-route ${about(table)} ${to}`),
          verification: { command: lookAt(tables), expect: `^${escaped(target)}$` },
        }
      }
      return {
        what: `Remove the route of ${cidr} to ${target}, where there is one.`,
        manual: tables.map((table) => `[ "$(${lookAt([table])})" != ${target} ] || ${ec2.cli} delete-route ${about(table)}`),
        verification: { command: lookAt(tables), expect: anythingBut(target) },
      }
    },
    close: () => ec2.close(),
  }
}
