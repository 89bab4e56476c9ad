import { InstanceMetadata, signatureProblem, type StandInAnswer, StandInServer, type Vendor } from '@hotspare/cloud/testing'
import { standInOf } from './stand-in.fixture.ts'
import type { ProviderStandIn } from './testing/provider-fixture.ts'

export const AWS_KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret-of-the-user' }
interface AwsPlaces extends Record<'region' | 'allocation' | 'address' | 'subnet' | 'routed', string> {
  readonly tables: readonly string[]
}

export const AWS: AwsPlaces = {
  region: 'eu-central-1',
  allocation: 'eipalloc-0a1b2c3d',
  address: '10.0.1.100',
  subnet: 'subnet-0a1b',
  tables: ['rtb-0a', 'rtb-0b'],
  routed: '192.168.100.1',
}

interface Association {
  readonly target: string
  readonly id: string
}

/** EC2's Query API and the metadata service of an instance, after AWS's published references. */
export async function awsStandIn(
  kind: 'elastic' | 'private' | 'routes',
  role = false,
): Promise<{ readonly url: string; readonly standIn: ProviderStandIn; readonly granted: string[] }> {
  let associations = 0
  let elastic: Association | undefined
  let secondary: string | undefined
  const routes = new Map<string, string | undefined>(AWS.tables.map((table) => [table, undefined]))
  const tags = new Map<string, string>()
  const metadata = new InstanceMetadata()
  /** Undefined where nobody has long-lived keys. */
  let ownSecret = role ? undefined : AWS_KEYS.secretAccessKey

  const xml = (status: number, text: string): StandInAnswer => ({ status, body: text, headers: { 'content-type': 'text/xml' } })
  const error = (status: number, code: string) =>
    xml(
      status,
      `<?xml version="1.0"?><Response><Errors><Error><Code>${code}</Code><Message>${code} &amp; more</Message></Error></Errors></Response>`,
    )
  const done = (action: string, inner = '<return>true</return>') =>
    xml(200, `<?xml version="1.0"?><${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${inner}</${action}Response>`)
  const tagSet = (key: string) => {
    const value = tags.get(key)
    return `<tagSet><item><key>Name</key><value>shop</value></item>${value === undefined ? '' : `<item><key>${key}</key><value>${value}</value></item>`}</tagSet>`
  }

  const vendor: Vendor = {
    limited: error(503, 'RequestLimitExceeded'),
    changes: ({ body }) => !new URLSearchParams(body).get('Action')?.startsWith('Describe'),
    beside: (request) => metadata.answer(request),
    credentials(request) {
      const session = request.headers['x-amz-security-token']?.toString()
      const secret = session === undefined ? ownSecret : metadata.secretOf(session)
      if (secret === undefined)
        return session === undefined || !metadata.isBelieved ? error(403, 'InvalidClientTokenId') : error(400, 'RequestExpired')
      const problem = signatureProblem(request, { region: AWS.region, service: 'ec2', secretOf: () => secret })
      return problem === undefined ? undefined : error(403, 'SignatureDoesNotMatch')
    },
    answer({ method, path, body, headers }): StandInAnswer | undefined {
      const form = new URLSearchParams(body)
      const action = form.get('Action') ?? ''
      const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded')
      if (method !== 'POST' || path !== '/' || form.get('Version') !== '2016-11-15' || !isForm) return undefined
      if (action === 'CreateTags' && kind !== 'private') {
        const resource = kind === 'elastic' ? AWS.allocation : AWS.tables[0]
        if (form.get('ResourceId.1') !== resource) return error(400, 'InvalidID')
        tags.set(form.get('Tag.1.Key') ?? '', form.get('Tag.1.Value') ?? '')
        return done(action)
      }
      return { elastic: elasticIp, private: privateIp, routes: routeTables }[kind](action, form)
    },
  }

  function elasticIp(action: string, form: URLSearchParams): StandInAnswer | undefined {
    const target = form.get('NetworkInterfaceId') ?? form.get('InstanceId') ?? ''
    if (action === 'DescribeAddresses') {
      if (form.get('AllocationId.1') !== AWS.allocation) return error(400, 'InvalidAllocationID.NotFound')
      const held = elastic
        ? `<associationId>${elastic.id}</associationId><instanceId>i-of-${elastic.target}</instanceId><networkInterfaceId>${elastic.target}</networkInterfaceId>`
        : ''
      const item = `<item><publicIp>203.0.113.10</publicIp><allocationId>${AWS.allocation}</allocationId>${held}${tagSet('hotspare-token')}</item>`
      return done(action, `<addressesSet>${item}</addressesSet>`)
    }
    if (action === 'AssociateAddress' && form.get('AllocationId') === AWS.allocation && target !== '') {
      if (elastic && elastic.target !== target && form.get('AllowReassociation') !== 'true') return error(400, 'Resource.AlreadyAssociated')
      elastic = { target, id: `eipassoc-${++associations}` }
      return done(action, `<return>true</return><associationId>${elastic.id}</associationId>`)
    }
    if (action !== 'DisassociateAddress') return undefined
    if (form.get('AssociationId') !== elastic?.id) return error(400, 'InvalidAssociationID.NotFound')
    elastic = undefined
    return done(action)
  }

  function privateIp(action: string, form: URLSearchParams): StandInAnswer | undefined {
    if (action === 'DescribeNetworkInterfaces') {
      const wanted = ['addresses.private-ip-address', AWS.address, 'subnet-id', AWS.subnet]
      const asked = ['Filter.1.Name', 'Filter.1.Value.1', 'Filter.2.Name', 'Filter.2.Value.1'].map((name) => form.get(name))
      if (asked.join(' ') !== wanted.join(' ')) return undefined
      const item =
        secondary === undefined
          ? ''
          : `<item><networkInterfaceId>${secondary}</networkInterfaceId><subnetId>${AWS.subnet}</subnetId></item>`
      return done(action, `<networkInterfaceSet>${item}</networkInterfaceSet>`)
    }
    const target = form.get('NetworkInterfaceId') ?? ''
    if (form.get('PrivateIpAddress.1') !== AWS.address || !target.startsWith('eni-')) return undefined
    if (action === 'AssignPrivateIpAddresses') {
      if (secondary !== undefined && secondary !== target && form.get('AllowReassignment') !== 'true')
        return error(400, 'InvalidParameterValue')
      secondary = target
    } else if (action === 'UnassignPrivateIpAddresses') {
      if (secondary !== target) return error(400, 'InvalidParameterValue')
      secondary = undefined
    } else return undefined
    return done(action)
  }

  function routeTables(action: string, form: URLSearchParams): StandInAnswer | undefined {
    const cidr = `${AWS.routed}/32`
    if (action === 'DescribeRouteTables') {
      const items = AWS.tables.map((table) => {
        const target = routes.get(table)
        const gateway =
          '<item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId><state>active</state></item>'
        const route = `<item><destinationCidrBlock>${cidr}</destinationCidrBlock><networkInterfaceId>${target}</networkInterfaceId></item>`
        const set = `<routeSet>${gateway}${target === undefined ? '' : route}</routeSet>`
        return `<item><routeTableId>${table}</routeTableId>${set}${tagSet(`hotspare-token/${AWS.routed}`)}</item>`
      })
      return done(action, `<routeTableSet>${items.join('')}</routeTableSet>`)
    }
    const table = form.get('RouteTableId') ?? ''
    if (!routes.has(table) || form.get('DestinationCidrBlock') !== cidr) return undefined
    const exists = routes.get(table) !== undefined
    if (action === 'CreateRoute' && exists) return error(400, 'RouteAlreadyExists')
    if (action === 'ReplaceRoute' && !exists) return error(400, 'InvalidParameterValue')
    if (action === 'DeleteRoute' && !exists) return error(400, 'InvalidRoute.NotFound')
    if (!['CreateRoute', 'ReplaceRoute', 'DeleteRoute'].includes(action)) return undefined
    routes.set(table, action === 'DeleteRoute' ? undefined : (form.get('NetworkInterfaceId') ?? undefined))
    return done(action)
  }

  const server = await new StandInServer(vendor).start()
  const held = () => [...new Set(routes.values())]
  const standIn = standInOf(server, {
    holder: () => ({ elastic: elastic?.target, private: secondary, routes: held().length > 1 ? 'mixed' : held()[0] })[kind],
    setHolder(target) {
      elastic = target === undefined ? undefined : { target, id: `eipassoc-${++associations}` }
      secondary = target
      for (const table of routes.keys()) routes.set(table, target)
    },
    token: () => Number(tags.get(kind === 'routes' ? `hotspare-token/${AWS.routed}` : 'hotspare-token')) || undefined,
    setToken: (token) => tags.set('hotspare-token', String(token)),
    refuseCredentials() {
      ownSecret = undefined
      metadata.refuse()
    },
    ...(role ? { expireCredentials: () => metadata.expire() } : {}),
  })
  return { url: server.url, standIn, granted: metadata.granted }
}
