import type { OptionsIssue } from '@hotspare/core'
import { parseAddress } from './address.ts'
import type { DetectorOptions } from './detector-options.ts'
import { nameId } from './name-id.ts'

/** A path, complete. */
export interface ResolvedPath {
  readonly name: string
  readonly address: string
  readonly from: string
  /** Whether its packets are taken at `from` alone. */
  readonly bound: boolean
}

export interface ResolvedPeer {
  readonly name: string
  readonly paths: readonly ResolvedPath[]
}

/** What of the settings is looked at together. */
interface CheckedSettings {
  readonly node: string
  readonly listen: readonly string[]
  readonly peers: readonly {
    readonly name: string
    readonly paths: readonly { readonly name?: string | undefined; readonly address: string; readonly from?: string | undefined }[]
  }[]
  readonly intervalMs: number
  readonly detector: DetectorOptions
  readonly ownPauseMs?: number | undefined
}

/** A detector that convicts before it has missed so many beats calls bad luck a death. */
const LEAST_TIMEOUT_INTERVALS = 3

const NO_ADDRESS = 'expected an IP address and a port, like 10.0.0.1:7401 or [fd00::1]:7401'

/** What each field alone cannot show. */
export function settingsProblems(settings: CheckedSettings): readonly OptionsIssue[] {
  return [...listenProblems(settings.listen), ...peerProblems(settings), ...detectorProblems(settings)]
}

/** Fills in names and sources of paths; for settings without problems. */
export function resolvePeers(peers: CheckedSettings['peers'], listen: readonly string[]): readonly ResolvedPeer[] {
  return peers.map((peer) => ({
    name: peer.name,
    paths: peer.paths.map((path, index) => ({
      name: path.name ?? String(index + 1),
      address: path.address,
      from: path.from ?? sourceFor(path.address, listen) ?? '',
      bound: path.from !== undefined,
    })),
  }))
}

function* listenProblems(listen: readonly string[]): Iterable<OptionsIssue> {
  for (const [index, text] of listen.entries()) {
    if (!parseAddress(text)) yield { path: ['listen', index], message: NO_ADDRESS }
    if (listen.indexOf(text) !== index) yield { path: ['listen', index], message: 'is there twice' }
  }
}

function* peerProblems({ node, peers, listen }: CheckedSettings): Iterable<OptionsIssue> {
  const ids = new Set([nameId(node)])
  for (const [index, peer] of peers.entries()) {
    const at = ['peers', index]
    if (peer.name === node) yield { path: [...at, 'name'], message: 'is this node itself' }
    else if (ids.has(nameId(peer.name))) yield { path: [...at, 'name'], message: `two peers are called "${peer.name}"` }
    ids.add(nameId(peer.name))
    const names = peer.paths.map((path, place) => path.name ?? String(place + 1))
    for (const [place, path] of peer.paths.entries()) {
      const atPath = [...at, 'paths', place]
      if (names.indexOf(names[place] ?? '') !== place) yield { path: atPath, message: `two paths are called "${names[place]}"` }
      yield* pathProblems(path, listen, atPath)
    }
  }
}

function* pathProblems(
  path: { readonly address: string; readonly from?: string | undefined },
  listen: readonly string[],
  at: readonly PropertyKey[],
): Iterable<OptionsIssue> {
  const target = parseAddress(path.address)
  if (!target || target.port === 0) return yield { path: [...at, 'address'], message: NO_ADDRESS }
  if (path.from === undefined) {
    if (sourceFor(path.address, listen) === undefined)
      yield { path: at, message: `no address of IPv${target.family} in "listen" to send from` }
    return
  }
  if (!listen.includes(path.from)) return yield { path: [...at, 'from'], message: 'is not in "listen"' }
  if (parseAddress(path.from)?.family !== target.family)
    yield { path: [...at, 'from'], message: `is not of IPv${target.family}, as the address is` }
}

function* detectorProblems({ detector, intervalMs, ownPauseMs }: CheckedSettings): Iterable<OptionsIssue> {
  if (ownPauseMs !== undefined && ownPauseMs < 2 * intervalMs) {
    yield { path: ['ownPauseMs'], message: `expected at least ${2 * intervalMs}, 2 intervals: else every look is taken for a pause` }
  }
  const leastMs = LEAST_TIMEOUT_INTERVALS * intervalMs
  if (detector.type === 'timeout' && detector.timeoutMs !== undefined && detector.timeoutMs < leastMs) {
    yield {
      path: ['detector', 'timeoutMs'],
      message: `expected at least ${leastMs}, ${LEAST_TIMEOUT_INTERVALS} intervals: one lost beat is no death`,
    }
  }
}

function sourceFor(address: string, listen: readonly string[]): string | undefined {
  const family = parseAddress(address)?.family
  return listen.find((text) => parseAddress(text)?.family === family)
}
