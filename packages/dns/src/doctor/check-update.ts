import type { UpdateResult } from '@hotspare/dns-wire/client'
import type { Finding, FindingCode, Severity } from './finding.ts'
import { impossibleRcodes } from './trial.ts'

/** How an update that nobody can carry out ended. */
export type UpdateTrial =
  | UpdateResult
  /** No usable answer; `unsigned` where there was one, without the signature that it must have. */
  | { readonly kind: 'failed'; readonly because: string; readonly unsigned: boolean }

/**
 * What an update tells of keys, clocks and rights. RFC 8945, 5.2 and 5.3: a server says BADKEY and BADSIG without a signature
 * of its own, since it has no common key; BADTIME it signs. Some servers (PowerDNS) say REFUSED without a signature to all of these.
 *
 * @param server where it went, for people
 * @param signed whether the update was signed
 */
export function judgeTrial(zone: string, server: string, signed: boolean, trial: UpdateTrial): readonly Finding[] {
  const found = (code: FindingCode, what: string, fix: string, severity: Severity = 'error') => [
    { code, severity, where: server, what, fix },
  ]
  if (trial.kind === 'applied') return []
  if (trial.kind === 'failed') {
    return trial.unsigned
      ? found('update-answer-unsigned', trial.because, 'the answer proves nothing: is there something between that changes messages?')
      : found('update-unreachable', trial.because, 'is it the primary, does it run, does a firewall let TCP through to its port?')
  }
  const { rcode, tsigError, serverAheadSeconds } = trial
  if (impossibleRcodes.has(rcode) && tsigError === undefined && trial.signed === signed) return []
  switch (tsigError) {
    case 'BADTIME':
      return found(
        'tsig-clock-skew',
        skewText(serverAheadSeconds),
        'set the clock of the one that is wrong (NTP): signatures bear five minutes',
      )
    case 'BADKEY':
      return found(
        'tsig-key-unknown',
        'the server does not know the key, or not with this algorithm (BADKEY)',
        'compare the name of the key and its algorithm on both sides',
      )
    case 'BADSIG':
      return found(
        'tsig-signature-wrong',
        'the server knows the key, and the signature is wrong (BADSIG)',
        'the secrets differ: copy it again',
      )
    case 'BADTRUNC':
      return found(
        'tsig-truncated',
        'the server wants a longer signature (BADTRUNC)',
        'an algorithm that is not cut short, such as hmac-sha256',
      )
    case undefined:
      break
  }
  if (rcode === 'NOTAUTH' && trial.signed) {
    return found('update-not-authoritative', `it is not a server for ${zone} that takes updates (NOTAUTH)`, 'name the primary of the zone')
  }
  if (!trial.signed && signed) {
    const what = `${rcode} without a signature: the cause cannot be told`
    const fix =
      'one of: the key is not known, its secret or algorithm differ, the clocks are more than five minutes apart, updates are not allowed, or the zone is not there. The log of the server says which'
    return found('update-refused-unsigned', what, fix)
  }
  const fix = signed
    ? 'the key is right: allow it to change the zone (update-policy, allow-update, acl)'
    : 'sign with a key that the server allows to change the zone; and is it the primary?'
  return found('update-refused', `${rcode}: it may not change the zone`, fix)
}

function skewText(serverAheadSeconds: number | undefined): string {
  if (serverAheadSeconds === undefined) return 'the clocks of this machine and of the server are too far apart (BADTIME)'
  const which = serverAheadSeconds > 0 ? 'behind' : 'ahead of'
  return `the clock of this machine is ${Math.abs(serverAheadSeconds)} s ${which} the clock of the server (BADTIME)`
}
