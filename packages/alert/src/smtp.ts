import { connect } from 'node:net'
import { errorCode, errorText, withDeadline } from '@hotspare/core'
import {
  createTransport,
  type NodemailerError,
  type SendMailOptions,
  type SMTPSentMessageInfo,
  type SMTPTransportOptions,
} from 'nodemailer'
import { alertDefaults } from './defaults.ts'
import { parseOptions } from './parse-options.ts'
import { redactor } from './redact.ts'
import { Remembered } from './remembered.ts'
import { composeMail, messageIdOf } from './smtp-message.ts'
import {
  defaultSender,
  domainOf,
  parseMailbox,
  type SmtpChannelOptions,
  smtpChannelOptionsSchema,
  smtpServer,
  type SmtpServer,
} from './smtp-options.ts'
import { judgeRecipients, judgeSmtpFailure, type SmtpFailure } from './smtp-outcome.ts'
import type { Alert, Channel, Delivery } from './types.ts'

export { parseMailbox, smtpChannelOptionsSchema } from './smtp-options.ts'
export type { Mailbox, ResolvedSmtpChannelOptions, SmtpChannelOptions } from './smtp-options.ts'

/**
 * Sends each alert as one mail to all recipients. The Message-ID is made from the alert's id, so a repetition can be
 * recognised; the mail that resolves answers the mail that fired, as long as this channel object has seen that.
 *
 * @throws HotspareError `HOTSPARE_ALERT_OPTIONS` when the options cannot work
 */
export function smtpChannel(options: SmtpChannelOptions): Channel {
  const { name, url, from, to, tls, timeoutMs, clock } = parseOptions('smtp channel', smtpChannelOptionsSchema, options)
  const server = smtpServer({ url, tls })
  const recipients = to.flatMap((text) => parseMailbox(text) ?? [])
  const sender = (from === undefined ? undefined : parseMailbox(from)) ?? defaultSender(server.auth?.user, recipients[0]!)
  const who = `mail by ${server.host}:${server.port}`
  const { user, pass } = server.auth ?? {}
  const redact = redactor([url, pass, pass && `\0${user}\0${pass}`])
  // Before anything is shortened, or half a secret would be left at the cut.
  const describe = (error: unknown): SmtpFailure => {
    const { responseCode, response }: NodemailerError = error instanceof Error ? error : new Error(String(error))
    return { message: redact(errorText(error)), code: errorCode(error), responseCode, response }
  }
  /** Per alert key, the mail that fired. */
  const threads = new Remembered<string>(alertDefaults.rememberedMails)
  /** Per alert id, who has the mail already: a retry goes to the others alone. */
  const reached = new Remembered<ReadonlySet<string>>(alertDefaults.rememberedMails)

  async function attempt(alert: Alert, signal: AbortSignal | undefined): Promise<Delivery> {
    const already = reached.get(alert.id) ?? new Set<string>()
    const remaining = recipients.map(({ address }) => address).filter((address) => !already.has(address))
    const messageId = messageIdOf(alert.id, domainOf(sender))
    const inReplyTo = alert.status === 'resolved' ? threads.get(alert.key) : undefined
    if (alert.status === 'firing') threads.set(alert.key, messageId)
    const mail = composeMail(alert, { from: sender, to: recipients, remaining, messageId, inReplyTo, sentAtMs: clock.wallMs() })
    const total = recipients.length
    try {
      const info = await withDeadline(who, timeoutMs, (sendSignal) => sendMail(server, mail, timeoutMs, sendSignal), { signal, clock })
      const now = new Set([...already, ...info.accepted])
      reached.set(alert.id, now)
      return judgeRecipients(who, {
        total,
        accepted: now.size,
        refused: (info.rejectedErrors ?? []).map(describe),
        response: redact(info.response),
      })
    } catch (error) {
      const failure = judgeSmtpFailure(who, describe(error))
      // The rest is refused for good; those who have it are what the alert could reach.
      if (already.size > 0 && !failure.retryable) {
        return judgeRecipients(who, { total, accepted: already.size, refused: [describe(error)], response: '' })
      }
      return failure
    }
  }

  return {
    name,
    type: 'smtp',
    async send(alert, sendOptions) {
      const delivery = await attempt(alert, sendOptions?.signal)
      if (delivery.ok) {
        reached.delete(alert.id)
        if (alert.status === 'resolved') threads.delete(alert.key)
      }
      return delivery
    },
  }
}

/** One connection, one mail. */
async function sendMail(server: SmtpServer, mail: SendMailOptions, timeoutMs: number, signal: AbortSignal): Promise<SMTPSentMessageInfo> {
  const required = server.tls === 'required'
  const options: SMTPTransportOptions = {
    host: server.host,
    port: server.port,
    secure: server.implicitTls,
    requireTLS: required,
    opportunisticTLS: !required,
    tls: { rejectUnauthorized: required },
    ...(server.auth && { auth: { ...server.auth } }),
    // The deadline around all of this comes first; these are for a phase that our signal could not end.
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // Nothing is left behind: the mail is taken, or the attempt has failed.
    socketCloseTimeout: 0,
    // Our own socket: the system's resolver with its hosts file, no cache that outlives a failover, and it dies with the signal.
    getSocket: (_options, callback) => openSocket(server, signal, callback),
  }
  const transport = createTransport(options)
  try {
    return await transport.sendMail({ ...mail, signal })
  } finally {
    transport.close()
  }
}

type SocketCallback = Parameters<NonNullable<SMTPTransportOptions['getSocket']>>[1]

function openSocket({ host, port }: SmtpServer, signal: AbortSignal, callback: SocketCallback): void {
  const socket = connect({ host, port, signal })
  const onError = (error: Error) => callback(error)
  socket.once('error', onError)
  socket.once('connect', () => {
    socket.off('error', onError)
    callback(null, { connection: socket })
  })
  // An abort in the wrong moment must not find the socket without a listener.
  socket.on('error', () => {})
}
