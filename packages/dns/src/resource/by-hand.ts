import { assertNever } from '@hotspare/core'
import type { RecordSet, RecordSetName } from '../record-set.ts'
import { quoteTxt } from '../txt.ts'

/** A change, for people. */
export type HandMade =
  /** The set is to be this, whatever it is now. */
  | { readonly kind: 'set'; readonly zone: string; readonly set: RecordSet }
  /** There is to be no such set. */
  | { readonly kind: 'remove'; readonly zone: string; readonly what: RecordSetName }

/** What people type to make a change, as root on a node: at least one command, without secrets. */
export type ByHand = (change: HandMade) => readonly string[]

export interface NsupdateOptions {
  /** The primary server: `192.0.2.53`. */
  readonly server: string
  /** Default: 53 */
  readonly port?: number | undefined
  /** A file with the key, as BIND writes it; on every node. */
  readonly keyFile: string
}

/** For servers that take updates by RFC 2136: one message, so what is there and what is to be there never mix. */
export function nsupdateByHand({ server, port = 53, keyFile }: NsupdateOptions): ByHand {
  return (change) => {
    const { name, type } = change.kind === 'set' ? change.set : change.what
    const lines = [
      `server ${server} ${port}`,
      `zone ${change.zone}.`,
      `update delete ${name}. ${type}`,
      ...(change.kind === 'set'
        ? change.set.values.map((value) => `update add ${name}. ${change.set.ttlSeconds} ${type} ${presented(type, value)}`)
        : []),
      'send',
    ]
    return [`printf '%s\\n' ${lines.map(quoted).join(' ')} | nsupdate -k ${quoted(keyFile)}`]
  }
}

/** For Route 53, with the command line of AWS. */
export function awsByHand({ zoneId }: { readonly zoneId: string }): ByHand {
  return (change) => {
    if (change.kind === 'remove') return [inConsole(`the hosted zone ${zoneId}`, change)]
    const { name, type, ttlSeconds, values } = change.set
    const set = { Name: name, Type: type, TTL: ttlSeconds, ResourceRecords: values.map((value) => ({ Value: presented(type, value) })) }
    const batch = JSON.stringify({ Changes: [{ Action: 'UPSERT', ResourceRecordSet: set }] })
    return [`aws route53 change-resource-record-sets --hosted-zone-id ${quoted(zoneId)} --change-batch ${quoted(batch)}`]
  }
}

/** For Google Cloud DNS, with its command line. */
export function gcloudByHand({ project, managedZone }: { readonly project: string; readonly managedZone: string }): ByHand {
  return (change) => {
    const { name, type } = change.kind === 'set' ? change.set : change.what
    const which = `${quoted(`${name}.`)} --type=${type} --zone=${quoted(managedZone)} --project=${quoted(project)}`
    if (change.kind === 'remove') return [`gcloud dns record-sets delete ${which}`]
    const { ttlSeconds, values } = change.set
    const data = quoted(values.map((value) => presented(type, value)).join(','))
    // Update fails where there is none yet, and create where there is one.
    const words = `${which} --ttl=${ttlSeconds} --rrdatas=${data}`
    return [`gcloud dns record-sets update ${words} || gcloud dns record-sets create ${words}`]
  }
}

/** For everything that has a web page: what is to be done there, as a comment for the shell. */
export function consoleByHand(where: string): ByHand {
  return (change) => [inConsole(where, change)]
}

/** Of one line, whatever is in it. */
function comment(text: string): string {
  return `# ${text.replaceAll(/\s+/g, ' ')}`
}

function inConsole(where: string, change: HandMade): string {
  switch (change.kind) {
    case 'set': {
      const { name, type, ttlSeconds, values } = change.set
      return comment(
        `in the console of ${where}: set ${name} ${type} to ${values.join(' and ')}, and nothing else, with a TTL of ${ttlSeconds} s`,
      )
    }
    case 'remove':
      return comment(`in the console of ${where}: remove ${change.what.name} ${change.what.type}`)
    default:
      return assertNever(change)
  }
}

/** As zone files have it: what names a host is absolute. */
function presented(type: RecordSetName['type'], value: string): string {
  switch (type) {
    case 'TXT':
      return quoteTxt(value)
    case 'CNAME':
    case 'ALIAS':
    case 'SRV':
      return `${value.replace(/\.$/, '')}.`
    case 'A':
    case 'AAAA':
    case 'HTTPS':
      return value
    default:
      return assertNever(type)
  }
}

/** One word of a shell, whatever is in it. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
