import { haproxySettingsSchema } from '@hotspare/proxy/haproxy'
import { type Argv, nginxSettingsSchema } from '@hotspare/proxy/nginx'
import { z } from 'zod'
import type { ListenAddress } from './config.ts'
import type { EngineConfig } from './config-engines.ts'
import { defaults } from './defaults.ts'
import {
  absolutePathSchema,
  countSchema,
  durationSchema,
  listenSchema,
  nameSchema,
  readable,
  readOption,
  textSchema,
} from './schema-scalars.ts'

export type EngineInput = HaproxyEngineInput | NginxEngineInput

interface EngineInputBase {
  readonly name?: string | undefined
  readonly pool: string
  readonly interval?: string | undefined
}

interface HaproxyEngineInput extends EngineInputBase {
  readonly type: 'haproxy'
  readonly socket?: string | undefined
  readonly address?: string | undefined
  readonly backend: string
  readonly servers?: 'existing' | 'managed' | undefined
  readonly parameters?: string[] | undefined
  readonly timeout?: string | undefined
}

interface NginxEngineInput extends EngineInputBase {
  readonly type: 'nginx'
  readonly file: string
  readonly upstream: string
  readonly test?: string[] | undefined
  readonly reload?: 'signal' | string[] | undefined
  readonly pidFile?: string | undefined
  readonly method?: string | undefined
  readonly keepalive?: number | undefined
  readonly maxFails?: number | undefined
  readonly failTimeout?: string | undefined
  readonly reloadInterval?: string | undefined
}

const { haproxy, nginx, interval } = defaults.engine

// What the package will use it understands itself, so that what is accepted here is accepted there.
const ofHaproxy = (option: string, title: string, example: string) =>
  readable((text) => readOption(text, option, haproxySettingsSchema, { backend: 'web', socket: '/run/haproxy.sock' }), {
    title,
    examples: [example],
  })
const ofNginx = (option: string, title: string, example: string) =>
  readable((text) => readOption(text, option, nginxSettingsSchema, { upstream: 'web', file: '/etc/nginx/web.conf' }), {
    title,
    examples: [example],
  })
const parameterSchema = readable(
  (text) => readOption(text, 'serverParameters', haproxySettingsSchema, { backend: 'web', socket: '/run/haproxy.sock' }, (word) => [word]),
  { title: 'word of a server line', examples: ['maxconn'] },
)
const programSchema = z.array(textSchema('program or argument', 'nginx')).min(1).max(50)

const shared = {
  name: nameSchema.optional().describe('Unique in the file. Default: the backend or the upstream.'),
  pool: nameSchema.describe('The pool whose verdicts it follows.'),
  interval: durationSchema('100ms', '1h')
    .prefault(interval)
    .describe('How often it is looked at where nothing changes, so that what a restart or a hand has changed is mended.'),
}

const haproxySchema = z
  .strictObject({
    type: z.literal('haproxy').describe('A backend of a running HAProxy, through its runtime API.'),
    ...shared,
    socket: absolutePathSchema.optional().describe('The `stats socket` of HAProxy, with `level admin`. This or `address`.'),
    address: listenSchema.optional().describe('Where the runtime API listens instead of a socket. It knows no password: loopback alone.'),
    backend: ofHaproxy('backend', 'name', 'web').describe('The backend. Its servers have the names of the targets.'),
    servers: z
      .enum(['existing', 'managed'])
      .prefault(haproxy.servers)
      .describe(
        '`existing`: servers are those of haproxy.cfg. `managed`: the backend is empty there, and servers are added and removed (HAProxy 2.4 and later).',
      ),
    parameters: z
      .array(parameterSchema)
      .max(50)
      .prefault([])
      .describe('What follows the address of a server that is added: `[maxconn, "200"]`.'),
    timeout: durationSchema('1ms', '1m').prefault(haproxy.timeout).describe('Until a command is answered.'),
  })
  .superRefine(({ socket, address }, context) => {
    if ((socket === undefined) === (address === undefined))
      context.addIssue({ code: 'custom', path: [], message: 'write either "socket" or "address"', params: { isWhole: true } })
  })

const nginxSchema = z.strictObject({
  type: z.literal('nginx').describe('An upstream of nginx, as a file that is written, tested and reloaded.'),
  ...shared,
  file: absolutePathSchema.describe('The file that is written; nginx includes it inside of `http { }`, and nobody else writes to it.'),
  upstream: ofNginx('upstream', 'name', 'web').describe('Its name, for `proxy_pass http://NAME`.'),
  test: programSchema.prefault([...nginx.test]).describe('What tests the configuration: a program and its arguments, without a shell.'),
  reload: z
    .union([z.literal('signal').describe('or a program and its arguments as a list'), programSchema])
    .prefault([...nginx.reload])
    .describe('What makes nginx read it: a program and its arguments, or `signal`, a SIGHUP to the process in `pidFile`.'),
  pidFile: absolutePathSchema
    .optional()
    .describe("nginx's `pid` file. With it, a reload counts when the new workers are there; without it, when its program has succeeded."),
  method: ofNginx('method', 'balancing method', 'least_conn')
    .optional()
    .describe('How nginx chooses: `least_conn`, `random two`. Default: its weighted round robin.'),
  keepalive: countSchema(0, 10_000)
    .prefault(nginx.keepalive)
    .describe('Idle connections to the targets that each worker keeps; 0 for none.'),
  maxFails: countSchema(0, 1_000)
    .prefault(nginx.maxFails)
    .describe('Failed attempts after which nginx itself leaves a target alone; 0 for never.'),
  failTimeout: durationSchema('1s', '1h').prefault(nginx.failTimeout).describe('For how long it then does, in whole seconds.'),
  reloadInterval: durationSchema('0s', '1h').prefault(nginx.reloadInterval).describe('Reloads are at least so far apart.'),
})

export const engineSchema: z.ZodType<EngineConfig, EngineInput> = z
  .discriminatedUnion('type', [haproxySchema, nginxSchema])
  .superRefine((engine, context) => {
    if (engine.type === 'nginx' && engine.reload === 'signal' && engine.pidFile === undefined)
      context.addIssue({
        code: 'custom',
        path: ['reload'],
        message: 'a signal needs to know the process: write "pidFile" as well',
        params: { isWhole: true },
      })
  })
  .transform((engine): EngineConfig => {
    const { pool, interval: intervalMs } = engine
    if (engine.type === 'haproxy') {
      const { type, name, backend, servers, parameters, timeout } = engine
      const options = { ...reached(engine), backend, servers, serverParameters: parameters, commandTimeoutMs: timeout }
      return { type, name: name ?? backend, pool, intervalMs, options }
    }
    const { type, name, file, upstream, test, reload, pidFile, method, keepalive, maxFails, failTimeout, reloadInterval } = engine
    const programs = { test: argvOf(test), reload: reload === 'signal' ? reload : argvOf(reload) }
    const numbers = { keepalive, maxFails, failTimeoutSeconds: Math.ceil(failTimeout / 1_000), minReloadIntervalMs: reloadInterval }
    const given = { ...(pidFile === undefined ? {} : { pidFile }), ...(method === undefined ? {} : { method }) }
    return { type, name: name ?? upstream, pool, intervalMs, options: { file, upstream, ...programs, ...numbers, ...given } }
  })

function reached({ socket, address }: { readonly socket?: string | undefined; readonly address?: ListenAddress | undefined }): object {
  return socket === undefined ? { ...address } : { socket }
}

function argvOf([program = '', ...rest]: readonly string[]): Argv {
  return [program, ...rest]
}
