import { createHash } from 'node:crypto'
import type { SendMailOptions } from 'nodemailer'
import type { Mailbox } from './smtp-options.ts'
import { isoTime, oneLine } from './text.ts'
import type { Alert } from './types.ts'

/** What a mail is made of besides the alert. */
export interface MailContext {
  readonly from: Mailbox
  /** Everybody whom the mail names. */
  readonly to: readonly Mailbox[]
  /** Who still has to get it. */
  readonly remaining: readonly string[]
  readonly messageId: string
  /** The mail that this one answers. */
  readonly inReplyTo: string | undefined
  /** When it is sent, in milliseconds since the Unix epoch. */
  readonly sentAtMs: number
}

/**
 * The Message-ID of an alert's mail: made from the alert's id alone, so that a second copy is known as one.
 *
 * @param domain where the sender's address is at home
 */
export function messageIdOf(alertId: string, domain: string): string {
  return `<${createHash('sha256').update(alertId).digest('hex').slice(0, 40)}@${domain}>`
}

/** The mail for one alert. All that comes from the alert is text: no header and no second address can grow out of it. */
export function composeMail(alert: Alert, context: MailContext): SendMailOptions {
  const { from, to, remaining, messageId, inReplyTo, sentAtMs } = context
  const state = alert.status === 'resolved' ? 'resolved' : alert.severity
  return {
    from: { ...from },
    to: to.map(({ name, address }) => ({ name, address })),
    envelope: { from: from.address, to: [...remaining] },
    subject: oneLine(`[${state.toUpperCase()}] ${alert.title}`),
    date: new Date(sentAtMs),
    messageId,
    ...(inReplyTo !== undefined && { inReplyTo, references: inReplyTo }),
    // RFC 3834: no out-of-office answer comes back.
    headers: { 'Auto-Submitted': 'auto-generated' },
    text: bodyOf(alert),
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

function bodyOf(alert: Alert): string {
  const facts: readonly (readonly [string, string])[] = [
    ['Status', alert.status],
    ['Severity', alert.severity],
    ['What', alert.type],
    ['About', alert.key],
    ['When', isoTime(alert.at)],
    ...Object.entries(alert.labels),
    ['Alert', alert.id],
  ]
  const list = facts.map(([label, value]) => `${oneLine(label)}: ${oneLine(value)}`).join('\n')
  return `${[alert.title, alert.text].filter((part) => part !== '').join('\n\n')}\n\n${list}\n`
}
