import { domainToASCII } from 'node:url'
import { type Clock, systemClock } from '@hotspare/core'
import { z } from 'zod'
import { alertDefaults } from './defaults.ts'
import { BAD_CREDENTIALS, channelName, clockPart, hasReadableCredentials, milliseconds } from './schema-parts.ts'

export interface SmtpChannelOptions {
  /** What it is called in events. */
  readonly name: string
  /**
   * The mail server: `smtp://host` (port 25), `smtps://host` (TLS from the start, port 465), with `user:password@` where it
   * wants them, percent-encoded.
   */
  readonly url: string
  /** `ops@example.com` or `Hotspare <ops@example.com>`. Default: the user of the URL if it is an address, else `hotspare@` the domain of the first recipient */
  readonly from?: string | undefined
  /** Who gets the mail, written like `from`; 1 to 50. */
  readonly to: readonly string[]
  /**
   * `required`: encrypted and with a valid certificate, or not at all. `opportunistic`: encrypted where the server offers it,
   * whatever its certificate (RFC 7435). Default: `required` for `smtps:` and for a password that crosses a network, else `opportunistic`
   */
  readonly tls?: 'required' | 'opportunistic' | undefined
  /** Longest time for one attempt, in milliseconds. Keep it below the alerter's `sendTimeoutMs`. Default: 8,000 */
  readonly timeoutMs?: number | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
}

export interface ResolvedSmtpChannelOptions {
  readonly name: string
  readonly url: string
  readonly from?: string | undefined
  readonly to: readonly string[]
  readonly tls?: 'required' | 'opportunistic' | undefined
  readonly timeoutMs: number
  readonly clock: Clock
}

/** An address in a header, taken apart. */
export interface Mailbox {
  readonly name: string
  readonly address: string
}

/** Where and how to connect. */
export interface SmtpServer {
  readonly host: string
  readonly port: number
  /** TLS from the first byte. */
  readonly implicitTls: boolean
  readonly tls: 'required' | 'opportunistic'
  readonly auth: { readonly user: string; readonly pass: string } | undefined
}

const MAILBOX = /^(?:(?<name>[^<>@,;:"\p{Cc}]{1,100}) <(?<inner>[^<>]+)>|(?<plain>[^<>]+))$/u
const ADDRESS = /^([^\s<>@,;:"()[\]\\\p{Cc}]{1,64})@([\p{L}\p{N}.-]{1,253})$/u

/** Reads `a@b.c` or `Name <a@b.c>`; one address and nothing else. The domain is written as servers write it back. */
export function parseMailbox(text: string): Mailbox | undefined {
  const { name = '', inner, plain } = MAILBOX.exec(text.trim())?.groups ?? {}
  const [, user, written = ''] = ADDRESS.exec((inner ?? plain ?? '').trim()) ?? []
  const domain = domainToASCII(written)
  return user === undefined || domain === '' ? undefined : { name: name.trim(), address: `${user}@${domain}` }
}

const WRITE_SERVER = 'write smtp:// or smtps://, then user:password@ if needed, and host:port'

const mailbox = z.string().refine((text) => parseMailbox(text) !== undefined, 'expected an address like ops@example.com')

export const smtpChannelOptionsSchema: z.ZodType<ResolvedSmtpChannelOptions, SmtpChannelOptions> = z.strictObject({
  name: channelName,
  url: z
    .url({ protocol: /^smtps?$/, message: WRITE_SERVER })
    .refine((text) => URL.parse(text)?.hostname !== '', WRITE_SERVER)
    .refine(hasReadableCredentials, BAD_CREDENTIALS)
    .refine(isBare, 'nothing follows the host and the port'),
  from: mailbox.optional(),
  to: z.array(mailbox).min(1).max(50),
  tls: z.enum(['required', 'opportunistic']).optional(),
  timeoutMs: milliseconds.default(alertDefaults.channelTimeoutMs),
  clock: clockPart.default(systemClock),
})

/** Where the URL and the choice of TLS lead. */
export function smtpServer({ url: text, tls }: Pick<ResolvedSmtpChannelOptions, 'url' | 'tls'>): SmtpServer {
  const url = new URL(text)
  const implicitTls = url.protocol === 'smtps:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const auth = url.username ? { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } : undefined
  const exposed = auth !== undefined && !isLoopback(host)
  return {
    host,
    port: Number(url.port) || (implicitTls ? 465 : 25),
    implicitTls,
    tls: tls ?? (implicitTls || exposed ? 'required' : 'opportunistic'),
    auth,
  }
}

/** Who the mail is from when nobody said so: an address whose domain exists, since mail servers look. */
export function defaultSender(user: string | undefined, firstRecipient: Mailbox): Mailbox {
  const own = user === undefined ? undefined : parseMailbox(user)
  return own ?? { name: 'Hotspare', address: `hotspare@${domainOf(firstRecipient)}` }
}

export function domainOf({ address }: Mailbox): string {
  return address.slice(address.lastIndexOf('@') + 1)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
}

function isBare(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^\/?$/.test(url.pathname) && url.search === '' && url.hash === ''
}
