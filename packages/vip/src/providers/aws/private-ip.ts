import { idPart, listAt, textAt } from '@hotspare/cloud'
import { z } from 'zod'
import { ipv4Part, parseProvider } from '../options.ts'
import type { AddressProvider } from '../provider.ts'
import { anythingBut, escaped } from '../reading.ts'
import { type AwsOptions, awsParts, awsTerms, Ec2, type ResolvedAwsOptions } from './ec2.ts'

export interface PrivateIpOptions extends AwsOptions {
  /** `10.0.1.100`: an address of the subnet that is no interface's first one. */
  readonly address: string
  /** `subnet-0a1b2c3d`: that of all interfaces that may have it, and so of one availability zone. */
  readonly subnet: string
}

type Resolved = ResolvedAwsOptions & { readonly address: string; readonly subnet: string }

export const privateIpOptionsSchema: z.ZodType<Resolved, PrivateIpOptions> = z.strictObject({
  ...awsParts,
  address: ipv4Part,
  subnet: idPart('subnet-0a1b2c3d').regex(/^subnet-/, 'expected the id of a subnet, like subnet-0a1b2c3d'),
})

/**
 * A secondary private IPv4 address, on one of several network interfaces (`eni-...`) of one subnet.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function privateIp(options: PrivateIpOptions): AddressProvider {
  const { address, subnet, ...aws } = parseProvider('aws-private-ip', privateIpOptionsSchema, options)
  const id = `aws-private-ip ${address}`
  const ec2 = new Ec2(id, aws)
  return {
    id,
    shape: 'atomic',
    terms: { ...awsTerms, typicalMs: 5_000, allowedMs: { acquire: 60_000, release: 30_000 } },
    async look(_, signal) {
      const filters = {
        'Filter.1.Name': 'addresses.private-ip-address',
        'Filter.1.Value.1': address,
        'Filter.2.Name': 'subnet-id',
        'Filter.2.Value.1': subnet,
      }
      const answer = await ec2.call('DescribeNetworkInterfaces', filters, signal)
      const found = listAt(answer, 'networkInterfaceSet', 'item')[0]
      return { places: [{ name: address, holder: textAt(found, 'networkInterfaceId') }] }
    },
    async assign({ target, signal }) {
      const parameters = { NetworkInterfaceId: target, 'PrivateIpAddress.1': address, AllowReassignment: 'true' }
      await ec2.call('AssignPrivateIpAddresses', parameters, signal)
      return undefined
    },
    async unassign({ target, signal }) {
      // It names the interface too: one that has it by now is not touched.
      await ec2.call('UnassignPrivateIpAddresses', { NetworkInterfaceId: target, 'PrivateIpAddress.1': address }, signal)
      return undefined
    },
    instruction(verb, { target }) {
      const filter = `Name=addresses.private-ip-address,Values=${address} Name=subnet-id,Values=${subnet}`
      const holder = `${ec2.cli} describe-network-interfaces --filters ${filter} --query 'NetworkInterfaces[0].NetworkInterfaceId' --output text`
      const about = `--network-interface-id ${target} --private-ip-addresses ${address}`
      if (verb === 'acquire') {
        return {
          what: `Give ${address} to ${target}.`,
          manual: [`${ec2.cli} assign-private-ip-addresses ${about} --allow-reassignment`],
          verification: { command: holder, expect: `^${escaped(target)}$` },
        }
      }
      return {
        what: `Take ${address} off ${target}, if it is there.`,
        manual: [`[ "$(${holder})" != ${target} ] || ${ec2.cli} unassign-private-ip-addresses ${about}`],
        verification: { command: holder, expect: anythingBut(target) },
      }
    },
    close: () => ec2.close(),
  }
}
