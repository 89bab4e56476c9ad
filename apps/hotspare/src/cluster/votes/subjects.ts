import { createHash } from 'node:crypto'
import { isLoopback } from '../../config/addresses.ts'
import type { CheckConfig, CheckProbeConfig, ClusterConfig, Config, PoolConfig, TargetConfig } from '../../config/config.ts'
import { canonicalJson } from '../../config/fingerprint.ts'

/** 96 bits: far too many for two subjects of one file to meet. */
const KEY_CHARACTERS = 16

type Subject = { readonly [field: string]: unknown } | undefined

/**
 * What this node puts to the vote: each id with its key, by which the nodes speak of it. A key stands for the id and for who is
 * asked what: two nodes whose files have different servers under one name do not vote on each other's.
 *
 * Not put to the vote is what is each node's own, since there another node has nothing to say: programs, this machine, jobs
 * that report in here, canaries, and servers on loopback, unless the whole cluster is on loopback.
 */
export function votedSubjects({ pools, checks, cluster }: Pick<Config, 'pools' | 'checks' | 'cluster'>): ReadonlyMap<string, string> {
  const isShared = (host: string) => !isLoopback(host) || (cluster !== undefined && isOneMachine(cluster))
  const targets = pools.flatMap((pool) => pool.targets.map((target) => [target.id, targetSubject(pool, target, isShared)] as const))
  const watched = checks.map((check) => [check.name, check.canary ? undefined : checkSubject(check, isShared)] as const)
  return new Map([...targets, ...watched].flatMap(([id, subject]) => (subject ? [[id, keyOf(id, subject)] as const] : [])))
}

function isOneMachine({ nodes }: ClusterConfig): boolean {
  return nodes.every(({ peer }) => isLoopback(peer.host))
}

/** Timing and expectations may differ for as long as a new file is rolled out; who is asked may not. */
function targetSubject({ health }: PoolConfig, { url, host }: TargetConfig, isShared: (host: string) => boolean): Subject {
  if (!isShared(host)) return undefined
  return { type: health.type, port: health.port, path: 'path' in health ? health.path : undefined, url }
}

function checkSubject(check: CheckConfig | CheckProbeConfig, isShared: (host: string) => boolean): Subject {
  if ('parts' in check) {
    const parts = check.parts.map(({ probe }) => checkSubject(probe, isShared))
    // One part of which the others know nothing makes the whole this node's own.
    return parts.includes(undefined) ? undefined : { type: check.type, count: check.count, parts }
  }
  if ('url' in check) return isShared(hostOf(check.url)) ? { type: check.type, url: check.url } : undefined
  if ('host' in check && 'port' in check) {
    return isShared(check.host) ? { type: check.type, host: check.host, port: check.port } : undefined
  }
  return undefined
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname.replace(/^\[|\]$/g, '') ?? ''
}

function keyOf(id: string, subject: Subject): string {
  return createHash('sha256').update(canonicalJson({ id, subject })).digest('base64url').slice(0, KEY_CHARACTERS)
}
