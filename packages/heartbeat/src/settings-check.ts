import type { OptionsIssue } from '@hotspare/core'
import { parseAddress } from './address.ts'
import { type DetectorOptions, resolveDetector } from './detector-options.ts'
import { nameId } from './name-id.ts'
import { initialLimitMs } from './phi-detector.ts'

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

interface CheckedPath {
  readonly name?: string | undefined
  readonly address: string
  readonly from?: string | undefined
}

/** What of the settings is looked at together. */
interface CheckedSettings {
  readonly node: string
  readonly listen: readonly string[]
  readonly peers: readonly {
    readonly name: string
    readonly paths: readonly CheckedPath[]
  }[]
  readonly intervalMs: number
  readonly detector: DetectorOptions
  readonly ownPauseMs?: number | undefined
}

/** A detector that convicts before it has missed so many beats calls bad luck a death. */
const LEAST_TIMEOUT_INTERVALS = 3

const WHICH_SOURCE =
  'is missing: the peer has several paths of this family and "listen" several addresses: say which of them each path leaves from'

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
    const address = parseAddress(text)
    if (!address) yield { path: ['listen', index], message: NO_ADDRESS }
    // Peers must know it beforehand, and nothing would tell which one it became.
    if (address?.port === 0) yield { path: ['listen', index], message: 'expected a port: peers cannot know one that the system chooses' }
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
      if (path.from === undefined && isAmbiguous(path, peer.paths, listen)) yield { path: [...atPath, 'from'], message: WHICH_SOURCE }
    }
  }
}

/** Two paths that leave from one address of ours, though there are several, are one: a single cut silences both. */
function isAmbiguous(path: CheckedPath, paths: readonly CheckedPath[], listen: readonly string[]): boolean {
  const ofFamily = (text: string) => parseAddress(text)?.family === parseAddress(path.address)?.family
  return listen.filter(ofFamily).length > 1 && paths.filter(({ address }) => ofFamily(address)).length > 1
}

function* pathProblems(path: CheckedPath, listen: readonly string[], at: readonly PropertyKey[]): Iterable<OptionsIssue> {
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
    yield { path: ['ownPauseMs'], message: `expected at least ${2 * intervalMs}, 2 intervals: else every look is told of as late` }
  }
  const leastMs = LEAST_TIMEOUT_INTERVALS * intervalMs
  if (detector.type === 'timeout' && detector.timeoutMs !== undefined && detector.timeoutMs < leastMs) {
    yield {
      path: ['detector', 'timeoutMs'],
      message: `expected at least ${leastMs}, ${LEAST_TIMEOUT_INTERVALS} intervals: one lost beat is no death`,
    }
  }
  if (detector.type === 'phi' && detector.maxLimitMs !== undefined) {
    const resolved = resolveDetector(detector, intervalMs)
    const initialMs = resolved.type === 'phi' ? Math.ceil(initialLimitMs(resolved)) : 0
    if (detector.maxLimitMs < initialMs) {
      yield {
        path: ['detector', 'maxLimitMs'],
        message: `expected at least ${initialMs}: it begins with that, before it has learnt anything`,
      }
    }
  }
}

function sourceFor(address: string, listen: readonly string[]): string | undefined {
  const family = parseAddress(address)?.family
  return listen.find((text) => parseAddress(text)?.family === family)
}
