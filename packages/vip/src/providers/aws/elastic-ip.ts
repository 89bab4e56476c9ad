import { CloudError, idPart, listAt, textAt } from '@hotspare/cloud'
import { z } from 'zod'
import { parseProvider } from '../options.ts'
import type { AddressProvider } from '../provider.ts'
import { anythingBut, escaped } from '../reading.ts'
import { type AwsOptions, awsParts, awsTerms, Ec2, holderOf, type ResolvedAwsOptions, targetParameter, tokenAmong } from './ec2.ts'

export interface ElasticIpOptions extends AwsOptions {
  /** `eipalloc-0a1b2c3d` */
  readonly allocation: string
}

const TOKEN_TAG = 'hotspare-token'

export const elasticIpOptionsSchema: z.ZodType<ResolvedAwsOptions & { readonly allocation: string }, ElasticIpOptions> = z.strictObject({
  ...awsParts,
  allocation: idPart('eipalloc-0a1b2c3d').regex(/^eipalloc-/, 'expected the id of an allocation, like eipalloc-0a1b2c3d'),
})

/**
 * An Elastic IP address, given to a network interface (`eni-...`) or an instance (`i-...`). Its token is the tag `hotspare-token`.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function elasticIp(options: ElasticIpOptions): AddressProvider {
  const { allocation, ...aws } = parseProvider('aws-elastic-ip', elasticIpOptionsSchema, options)
  const id = `aws-elastic-ip ${allocation}`
  const ec2 = new Ec2(id, aws)
  return {
    id,
    shape: 'atomic',
    // Seconds, with a tail of a minute that resource agents allow for.
    terms: { ...awsTerms, typicalMs: 5_000, allowedMs: { acquire: 60_000, release: 30_000 } },
    async look(targets, signal) {
      const answer = await ec2.call('DescribeAddresses', { 'AllocationId.1': allocation }, signal)
      const found = listAt(answer, 'addressesSet', 'item').find((each) => textAt(each, 'allocationId') === allocation)
      if (!found) throw new CloudError({ who: id, fault: 'unavailable', why: 'the answer does not tell of it' })
      const place = { name: allocation, holder: holderOf(found, targets), version: textAt(found, 'associationId') }
      return { places: [place], token: tokenAmong(found, TOKEN_TAG) }
    },
    async assign({ target, signal }) {
      const parameters = { AllocationId: allocation, ...targetParameter(target), AllowReassociation: 'true' }
      await ec2.call('AssociateAddress', parameters, signal)
      return undefined
    },
    async unassign({ place, signal }) {
      if (place.version === undefined) return undefined
      // By the association: one that has come since is not touched.
      await ec2.call('DisassociateAddress', { AssociationId: place.version }, signal, ['InvalidAssociationID.NotFound'])
      return undefined
    },
    async writeToken(token, signal) {
      await ec2.call('CreateTags', { 'ResourceId.1': allocation, 'Tag.1.Key': TOKEN_TAG, 'Tag.1.Value': String(token) }, signal)
    },
    instruction(verb, { target }) {
      const field = (name: string) =>
        `${ec2.cli} describe-addresses --allocation-ids ${allocation} --query 'Addresses[0].${name}' --output text`
      const holder = field(target.startsWith('i-') ? 'InstanceId' : 'NetworkInterfaceId')
      const to = target.startsWith('i-') ? `--instance-id ${target}` : `--network-interface-id ${target}`
      if (verb === 'acquire') {
        return {
          what: `Give the Elastic IP ${allocation} to ${target}.`,
          manual: [`${ec2.cli} associate-address --allocation-id ${allocation} ${to} --allow-reassociation`],
          verification: { command: holder, expect: `^${escaped(target)}$` },
        }
      }
      return {
        what: `Take the Elastic IP ${allocation} off ${target}, if it is there.`,
        manual: [`[ "$(${holder})" != ${target} ] || ${ec2.cli} disassociate-address --association-id "$(${field('AssociationId')})"`],
        verification: { command: holder, expect: anythingBut(target) },
      }
    },
    close: () => ec2.close(),
  }
}
