import { assertNever } from '@hotspare/core'
import type { RequestFinishedEvent } from '../types.ts'
import { combined, combinedPlus } from './combined.ts'
import { json } from './json.ts'

/** `combined`: that of Apache and nginx; `combined+`: the same, and what the proxy adds; `json`: names of the Elastic Common Schema. */
export type AccessLogFormat = 'combined' | 'combined+' | 'json'

/**
 * One request as one line of a log, visible ASCII without the end of the line, whatever the client has sent.
 *
 * @param proxy for `json`: the name of the proxy
 */
export function accessLine(event: RequestFinishedEvent, format: AccessLogFormat, proxy?: string): string {
  switch (format) {
    case 'combined':
      return combined(event)
    case 'combined+':
      return combinedPlus(event)
    case 'json':
      return json(event, proxy)
    default:
      return assertNever(format)
  }
}
