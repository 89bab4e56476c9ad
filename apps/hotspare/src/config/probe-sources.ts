import { z } from 'zod'
import type { HostProbeConfig, LocalProbeConfig, OwnOptions, TcpProbeConfig, UrlProbeConfig } from './config-probes.ts'
import { type FileKeys, fileKeys, judgedBy } from './file-keys.ts'
import type { HostAddress } from './host-addresses.ts'
import { packageFields, packageVariants } from './package-field.ts'
import { addressWithPort, type HostEntry, type ProbeEntry, type UrlEntry } from './probe-catalogue.ts'
import { countSchema, pathSchema, readable, readOption } from './schema-scalars.ts'
import { usualTimeoutMs, type WatchDefaults } from './schema-watch.ts'

export type Values = Readonly<Record<string, unknown>>

/** A probe in the file: its keys, and what becomes of them. */
export interface ProbeSource<Probe> extends WatchDefaults {
  readonly type: string
  /** The keys that are its own, `type` first. */
  readonly shape: Readonly<Record<string, z.ZodType>>
  readonly timeoutMs: number
  /** Of a probe of several kinds, the key that tells them apart. */
  readonly kindKey?: string | undefined
  /** @returns undefined where the package finds something wrong; it is told to `context` */
  read(values: Values, timeoutMs: number, context: z.RefinementCtx): Probe | undefined
}

/** What stands in for an address that only a target has: no package judges more of it than its form. */
const ANY_HOST = '127.0.0.1'

export const portKey: z.ZodType = countSchema(1, 65_535).optional().describe("Where the probe connects. Default: the target's own port.")

const tcpType = z.literal('tcp').describe('Opens a connection and closes it.')

export const tcpSource: ProbeSource<TcpProbeConfig> = {
  type: 'tcp',
  shape: {
    type: tcpType,
    address: addressWithPort.describe(addressMeaning('Host and port')),
  },
  timeoutMs: usualTimeoutMs,
  read({ address }: Values & { readonly address: HostAddress<number> }, timeoutMs) {
    return { type: 'tcp', host: address.host, port: address.port, timeoutMs }
  },
}

export const tcpTargetSource: ProbeSource<{ readonly type: 'tcp'; readonly port?: number | undefined }> = {
  type: 'tcp',
  shape: { type: tcpType, port: portKey },
  timeoutMs: usualTimeoutMs,
  read: ({ port }: Values & { readonly port?: number }) => ({ type: 'tcp', ...(port === undefined ? {} : { port }) }),
}

/** Whatever a probe has, whether a target brings the address or the file. */
function common<Type extends string, Options>(entry: ProbeEntry<Type, Options>) {
  const { type, what, interval, longestTimeout } = entry
  return { type, literal: z.literal(type).describe(what), timeoutMs: timeoutOf(entry.schema), interval, longestTimeout }
}

export function hostSource<Type extends string, Options extends object, Port>(
  entry: HostEntry<Type, Options, Port>,
): ProbeSource<HostProbeConfig<Type, Options, Port | number>> {
  const { hostOption = 'host', schema, address: addressSchema } = entry
  const { literal, ...rest } = common(entry)
  const keys = fileKeys(schema, { keys: entry.keys, elsewhere: { [hostOption]: 'address', port: 'address', timeoutMs: 'timeout' } })
  const where = addressSchema.describe(addressMeaning(entry.hasNoPort ? 'The host' : 'Host and port'))
  return {
    ...rest,
    shape: { type: literal, address: where, ...keys.shape },
    read(values: Values & { readonly address: HostAddress<Port> }, timeoutMs, context) {
      const { host, port } = values.address
      const candidate = { ...keys.optionsOf(values), [hostOption]: host, ...(port === undefined ? {} : { port }), timeoutMs }
      const judged = judgedBy(schema, candidate, keys, context)
      return (
        judged && { type: entry.type, host, port: port ?? usualPort(judged, entry.usualPorts) ?? port, timeoutMs, options: own(judged) }
      )
    },
  }
}

interface AtTarget<Type, Options> {
  readonly type: Type
  readonly port?: number | undefined
  readonly options: OwnOptions<Options>
}

export function hostTargetSource<Type extends string, Options extends object, Port>(
  entry: HostEntry<Type, Options, Port>,
): ProbeSource<AtTarget<Type, Options>> {
  const { hostOption = 'host', schema } = entry
  const { literal, ...rest } = common(entry)
  const keys = fileKeys(schema, { keys: entry.keys, elsewhere: { [hostOption]: 'type', port: 'port', timeoutMs: 'timeout' } })
  const hasPort = entry.hasNoPort !== true
  return {
    ...rest,
    shape: { type: literal, ...(hasPort ? { port: portKey } : {}), ...keys.shape },
    read(values: Values & { readonly port?: number }, timeoutMs, context) {
      const { port } = values
      const candidate = { ...keys.optionsOf(values), [hostOption]: ANY_HOST, ...(hasPort ? { port: port ?? 1 } : {}), timeoutMs }
      const judged = judgedBy(schema, candidate, keys, context)
      return judged && { type: entry.type, ...(port === undefined ? {} : { port }), options: own(judged) }
    },
  }
}

export function urlSource<Type extends string, Options extends object>(
  entry: UrlEntry<Type, Options>,
): ProbeSource<UrlProbeConfig<Type, Options>> {
  const { literal, ...rest } = common(entry)
  const keys = urlKeys(entry)
  return {
    ...rest,
    shape: { type: literal, url: urlSchema(entry), ...keys.shape },
    read(values: Values & { readonly url: string }, timeoutMs, context) {
      const { url } = values
      const judged = judgedBy(entry.schema, { ...keys.optionsOf(values), url, timeoutMs }, keys, context)
      return judged && { type: entry.type, url, timeoutMs, options: own(judged) }
    },
  }
}

export function urlTargetSource<Type extends string, Options extends object>(
  entry: UrlEntry<Type, Options>,
): ProbeSource<AtTarget<Type, Options> & { readonly path: string }> {
  const { literal, ...rest } = common(entry)
  const keys = urlKeys(entry)
  return {
    ...rest,
    shape: {
      type: literal,
      port: portKey,
      path: pathSchema.prefault(entry.path).describe('Path and query of the request.'),
      ...keys.shape,
    },
    read(values: Values & { readonly path: string; readonly port?: number }, timeoutMs, context) {
      const { path, port } = values
      const url = `${entry.scheme}://${ANY_HOST}${path}`
      const judged = judgedBy(entry.schema, { ...keys.optionsOf(values), url, timeoutMs }, keys, context)
      return judged && { type: entry.type, path, ...(port === undefined ? {} : { port }), options: own(judged) }
    },
  }
}

/** One source for each kind that the package tells apart by `kindKey`. */
export function localSources<Type extends string, Options extends object>(
  entry: ProbeEntry<Type, Options>,
  kindKey?: string,
): ProbeSource<LocalProbeConfig<Type, Options>>[] {
  const { literal, ...rest } = common(entry)
  return packageVariants(entry.schema, kindKey).map(({ schema, kind }) => {
    const keys = fileKeys(schema, { elsewhere: { timeoutMs: 'timeout' } })
    return {
      ...rest,
      timeoutMs: timeoutOf(schema),
      kindKey,
      shape: { type: literal, ...keys.shape, ...(kindKey !== undefined && kind ? { [kindKey]: kind } : {}) },
      read(values, timeoutMs, context) {
        const judged = judgedBy(entry.schema, { ...keys.optionsOf(values), timeoutMs }, keys, context)
        return judged && { type: entry.type, timeoutMs, options: judged }
      },
    }
  })
}

function urlKeys<Type extends string, Options>(entry: UrlEntry<Type, Options>): FileKeys {
  return fileKeys(entry.schema, { keys: entry.keys, elsewhere: { url: 'url', timeoutMs: 'timeout' } })
}

/** A URL, as the package itself understands it. */
export function urlSchema({
  schema,
  scheme,
  path,
}: Pick<UrlEntry<string, unknown>, 'schema' | 'scheme' | 'path'>): z.ZodType<string, string> {
  const example = `${scheme}://127.0.0.1:8080${path}`
  return readable((text) => readOption(text, 'url', schema, {}), { title: 'URL', examples: [example] }).describe(
    addressMeaning('What is asked for'),
  )
}

/** For the check of a service too: there an address that moves would show another machine. */
function addressMeaning(what: string): string {
  return `${what}. For the check of a service, as the member itself sees it: its own address or 127.0.0.1, never one that moves.`
}

/** The deadline of the package, where the file sets none. */
function timeoutOf(schema: z.ZodType): number {
  const [first] = packageVariants(schema)
  const fallback = first && packageFields(first.schema).get('timeoutMs')?.fallback
  return typeof fallback === 'number' ? fallback : usualTimeoutMs
}

/** Where the file names no port. */
function usualPort(judged: object, ports: HostEntry<string, object, unknown>['usualPorts']): number | undefined {
  if ('port' in judged && typeof judged.port === 'number') return judged.port
  return 'security' in judged && judged.security === 'tls' ? ports?.tls : ports?.plain
}

/** Without address and deadline: they stand beside the options. */
function own<Options extends object>(options: Options): OwnOptions<Options>
function own(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !BESIDE.has(name)))
}

const BESIDE: ReadonlySet<string> = new Set(['host', 'port', 'server', 'url', 'timeoutMs'])
