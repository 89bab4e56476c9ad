/** An answer of Redis, of the two shapes that a probe reads. */
export type RedisAnswer =
  | { readonly type: 'text'; readonly text: string }
  /** `code` is the first word, `-LOADING`'s `LOADING`. The rest may repeat what was sent, a password included. */
  | { readonly type: 'error'; readonly code: string }
  /** As many bytes follow, and a line end. */
  | { readonly type: 'bulk'; readonly bytes: number }

/** A command as an array of bulk strings, so that no word of it can become another command. */
export function redisCommand(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
}

/** @returns undefined for what is no answer of Redis, or of another shape */
export function parseRedisLine(line: string): RedisAnswer | undefined {
  const rest = line.slice(1)
  switch (line.charAt(0)) {
    case '+':
      return { type: 'text', text: rest }
    case '-': {
      const [code] = /^[A-Z]{2,20}(?=\s|$)/.exec(rest) ?? []
      return { type: 'error', code: code === 'ERR' && rest.startsWith('ERR max number of clients') ? 'MAXCLIENTS' : (code ?? 'ERR') }
    }
    case '$':
      return /^\d{1,9}$/.test(rest) ? { type: 'bulk', bytes: Number(rest) } : undefined
    default:
      return undefined
  }
}

/** What `INFO replication` says, as far as it says it. */
export interface RedisReplication {
  readonly role: 'primary' | 'replica'
  /** Of a replica: whether it hears its primary. */
  readonly linkUp?: boolean | undefined
  /** Of a replica: it is loading the whole of its primary's data. */
  readonly syncing?: boolean | undefined
  /** Of a replica: since it heard its primary. Of a primary: of its worst replica. */
  readonly lagSeconds?: number | undefined
  /** Of a replica: received and not applied yet. Of a primary: what its worst replica has not acknowledged. */
  readonly lagBytes?: number | undefined
  /** Of a primary. */
  readonly replicas?: number | undefined
}

/** @returns undefined where no role is named */
export function parseRedisReplication(info: string): RedisReplication | undefined {
  const fields = new Map<string, string>()
  for (const line of info.split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1))
  }
  const number = (name: string) => wholeNumber(fields.get(name))
  switch (fields.get('role') ?? '') {
    case 'slave': {
      const linkUp = fields.get('master_link_status') === 'up'
      const lagBytes = difference(number('slave_read_repl_offset'), number('slave_repl_offset'))
      const syncing = fields.get('master_sync_in_progress') === '1'
      // While the link is down the last contact is not told (-1), but how long that has been so.
      const lagSeconds = number(linkUp ? 'master_last_io_seconds_ago' : 'master_link_down_since_seconds')
      return {
        role: 'replica',
        linkUp,
        syncing,
        ...(lagSeconds === undefined ? {} : { lagSeconds }),
        ...(lagBytes === undefined ? {} : { lagBytes }),
      }
    }
    case 'master':
      return { role: 'primary', ...behind(fields, number('master_repl_offset')) }
    default:
      return undefined
  }
}

/** The replica that is furthest behind: `slave0:ip=...,port=...,state=online,offset=1234,lag=0`. */
function behind(fields: ReadonlyMap<string, string>, offset: number | undefined): Omit<RedisReplication, 'role'> {
  const replicas = [...fields].flatMap(([name, value]) => (/^slave\d+$/.test(name) ? [value] : []))
  const lagSeconds = largest(replicas.map((replica) => wholeNumber(/(?:^|,)lag=(\d+)/.exec(replica)?.[1])))
  const lagBytes = largest(replicas.map((replica) => difference(offset, wholeNumber(/(?:^|,)offset=(\d+)/.exec(replica)?.[1]))))
  return { replicas: replicas.length, ...(lagSeconds === undefined ? {} : { lagSeconds }), ...(lagBytes === undefined ? {} : { lagBytes }) }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** Never below zero: the two are not read at one moment. */
function difference(whole: number | undefined, part: number | undefined): number | undefined {
  return whole === undefined || part === undefined ? undefined : Math.max(0, whole - part)
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : known.reduce((left, right) => Math.max(left, right))
}
