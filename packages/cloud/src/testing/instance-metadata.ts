import { systemClock } from '@hotspare/core'
import type { StandInAnswer, StandInRequest } from './stand-in.ts'

/** The metadata service of an instance at AWS (IMDSv2), which grants keys of a role. */
export class InstanceMetadata {
  /** Secrets and session tokens that were given out. */
  readonly granted: string[] = []
  readonly #known = new Map<string, string>()
  #believed = true

  /** @returns the secret that belongs to a session; undefined for one that is not known, or is over */
  secretOf(session: string | undefined): string | undefined {
    return this.#known.get(session ?? '')
  }

  get isBelieved(): boolean {
    return this.#believed
  }

  expire(): void {
    this.#known.clear()
  }

  refuse(): void {
    this.#believed = false
    this.#known.clear()
  }

  /** @returns undefined for what is no request of this service */
  answer({ method, path, headers }: StandInRequest): StandInAnswer | undefined {
    if (!path.startsWith('/latest/')) return undefined
    if (path === '/latest/api/token') {
      const good = method === 'PUT' && headers['x-aws-ec2-metadata-token-ttl-seconds'] !== undefined
      return good ? { status: 200, body: 'imds-session' } : { status: 405, body: '' }
    }
    if (headers['x-aws-ec2-metadata-token'] !== 'imds-session') return { status: 401, body: '' }
    const folder = '/latest/meta-data/iam/security-credentials/'
    if (path === folder) return { status: 200, body: 'hotspare-role' }
    if (path !== `${folder}hotspare-role`) return { status: 404, body: '' }
    // As where the role was taken away.
    if (!this.#believed) return { status: 404, body: '' }
    const secret = `secret-of-the-role-${this.granted.length + 1}`
    const session = `session-of-the-role-${this.granted.length + 1}`
    this.granted.push(secret, session)
    this.#known.set(session, secret)
    const Expiration = new Date(systemClock.wallMs() + 24 * 3_600_000).toISOString()
    return { status: 200, body: { Code: 'Success', AccessKeyId: 'ASIA', SecretAccessKey: secret, Token: session, Expiration } }
  }
}
