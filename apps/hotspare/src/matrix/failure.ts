import { assertNever } from '@hotspare/core'

/** What can happen to one node, whatever its services are. */
export type NodeFailureKind = (typeof nodeFailureKinds)[number]

/** In the order in which they are shown. */
export const nodeFailureKinds = [
  'power',
  'freeze',
  'guard-stopped',
  'guard-killed',
  'hotspare-dead',
  'control-killed',
  'arbiter-cut',
  'peers-cut',
  'isolated',
  'disk-stuck',
  'fence-dead',
  'power-and-fence',
] as const

/** One thing that fails, alone. Data: it says what, and not when. */
export type Failure =
  | { readonly kind: NodeFailureKind; readonly node: string }
  | { readonly kind: 'service-dead'; readonly node: string; readonly service: string }
  /** Nothing passes between the two, in either direction. */
  | { readonly kind: 'link-cut'; readonly nodes: readonly [string, string] }
  /** What `from` sends to `to` is lost; the other direction works. */
  | { readonly kind: 'one-way-cut'; readonly from: string; readonly to: string }
  | { readonly kind: 'arbiter-dead' | 'arbiter-slow' }
  /** The API of whoever moves addresses: `aws`. */
  | { readonly kind: 'provider-down' | 'provider-slow'; readonly provider: string }

/** Names it, for scripts and for people who ask about it: `power web-1`, `one-way-cut web-1 > web-2`. */
export function failureId(failure: Failure): string {
  if ('nodes' in failure) return `${failure.kind} ${failure.nodes.join(' ')}`
  if ('from' in failure) return `${failure.kind} ${failure.from} > ${failure.to}`
  if ('service' in failure) return `${failure.kind} ${failure.service} ${failure.node}`
  if ('provider' in failure) return `${failure.kind} ${failure.provider}`
  return 'node' in failure ? `${failure.kind} ${failure.node}` : failure.kind
}

/** What happens, as a line for people. */
export function failureText(failure: Failure): string {
  switch (failure.kind) {
    case 'power':
      return `${failure.node} loses power`
    case 'freeze':
      return `${failure.node} freezes as a whole, and goes on`
    case 'guard-stopped':
      return `guard on ${failure.node} stands still (SIGSTOP)`
    case 'guard-killed':
      return `guard on ${failure.node} killed, started again`
    case 'hotspare-dead':
      return `all of Hotspare dead on ${failure.node}`
    case 'control-killed':
      return `control on ${failure.node} killed`
    case 'arbiter-cut':
      return `${failure.node} cut off from the arbiter`
    case 'peers-cut':
      return `${failure.node} cut off from all but clients`
    case 'isolated':
      return `${failure.node} cut off from everything`
    case 'disk-stuck':
      return `disk of ${failure.node} hangs`
    case 'fence-dead':
      return `what switches ${failure.node} off is dead`
    case 'power-and-fence':
      return `${failure.node} loses power, and what switches it off too`
    case 'provider-down':
      return `API of ${failure.provider} refuses every call`
    case 'provider-slow':
      return `API of ${failure.provider} slow`
    case 'service-dead':
      return `${failure.service} dead on ${failure.node}`
    case 'link-cut':
      return `link ${failure.nodes.join(' - ')} cut`
    case 'one-way-cut':
      return `link ${failure.from} > ${failure.to} cut one way`
    case 'arbiter-dead':
      return 'arbiter dead'
    case 'arbiter-slow':
      return 'arbiter slow'
    default:
      return assertNever(failure)
  }
}
