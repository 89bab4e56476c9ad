import { engineDefaults } from '../engines/defaults.ts'
import type { EngineMemberState, ObservedMember } from '../engines/engine.ts'
import { formatAddress, type WantedMember } from '../engines/members.ts'
import { wholeWeights } from '../engines/whole-weights.ts'

export interface BlockOptions {
  readonly upstream: string
  readonly method?: string | undefined
  readonly keepalive: number
  readonly maxFails: number
  readonly failTimeoutSeconds: number
}

/** Methods beside which nginx allows no `backup` (its manual, ngx_http_upstream_module). */
const WITHOUT_BACKUP = /^(?:hash|ip_hash|random)\b/

const HEAD = '# Written by Hotspare, and written again where anybody else changes it.'

/**
 * The upstream block (nginx's manual, ngx_http_upstream_module): pure. One text for one wish, whatever the order of the
 * members, so that files can be compared. A member that drains is `down` as one that is off: nginx knows no difference.
 */
export function renderUpstream(members: readonly WantedMember[], options: BlockOptions): string {
  const { upstream, method, keepalive, maxFails, failTimeoutSeconds } = options
  const serving = members.filter(({ state }) => state === 'serve')
  // Nginx refuses an upstream of spares alone.
  const knowsBackup = serving.length > 0 && !WITHOUT_BACKUP.test(method ?? '')
  const whole =
    serving.length === 0
      ? []
      : wholeWeights(
          serving.map(({ weight }) => weight),
          engineDefaults.maxWeight,
        )
  const weights = new Map(serving.map(({ id }, index) => [id, whole[index]!]))
  const lines = members
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
    .map(({ id, host, port, state }) => {
      const tries = `max_fails=${maxFails} fail_timeout=${failTimeoutSeconds}s`
      const role = state === 'serve' ? `weight=${weights.get(id)} ${tries}` : state === 'spare' && knowsBackup ? `${tries} backup` : 'down'
      return `    server ${formatAddress(host, port)} ${role}; # ${id}: ${state}`
    })
  return [
    HEAD,
    `upstream ${upstream} {`,
    ...(method === undefined ? [] : [`    ${method};`]),
    ...lines,
    ...(keepalive === 0 ? [] : [`    keepalive ${keepalive};`]),
    '}',
    '',
  ].join('\n')
}

const LINE = /^ {4}server (\S+) ([^;]+); # (\S+): (serve|spare|drain|off)$/

/** Reads back what {@link renderUpstream} has written. @returns undefined where it is something else */
export function parseUpstream(text: string): readonly ObservedMember[] | undefined {
  if (!text.startsWith(HEAD)) return undefined
  return text.split('\n').flatMap((line) => {
    const [, address, role = '', id, state] = LINE.exec(line) ?? []
    if (address === undefined || id === undefined || !isState(state)) return []
    const weight = Number(/\bweight=(\d+)/.exec(role)?.[1] ?? 1)
    return [{ id, address, weight, state }]
  })
}

function isState(text: string | undefined): text is EngineMemberState {
  return text === 'serve' || text === 'spare' || text === 'drain' || text === 'off'
}
