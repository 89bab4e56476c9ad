/** How keepalived says that an instance is. `STOP`: keepalived ends, or has forgotten it. */
export type KeepalivedState = 'MASTER' | 'BACKUP' | 'FAULT' | 'STOP'

export interface KeepalivedNotice {
  readonly instance: string
  readonly state: KeepalivedState
}

const STATES: readonly KeepalivedState[] = ['MASTER', 'BACKUP', 'FAULT', 'STOP']

/** Far longer than any line of keepalived's; what is longer is no notice, and is left out. */
const LONGEST_LINE = 1_024

/**
 * Reads on in what keepalived writes to its notify FIFO: `INSTANCE "VI_1" MASTER 100` (keepalived.conf(5), `vrrp_notify_fifo`).
 * What is anything else says nothing: sync groups, later states, half a line of a keepalived that was killed.
 *
 * @param rest what the last chunk has left over
 */
export function readNotices(rest: string, chunk: string): { readonly rest: string; readonly notices: readonly KeepalivedNotice[] } {
  const lines = (rest + chunk).split('\n')
  const last = lines.pop() ?? ''
  return { rest: last.slice(-LONGEST_LINE), notices: lines.flatMap((line) => readNotice(line) ?? []) }
}

function readNotice(line: string): KeepalivedNotice | undefined {
  if (line.length > LONGEST_LINE) return undefined
  // One that was killed may have left the beginning of a line before this one.
  const [, instance, word] = /INSTANCE "([A-Za-z0-9_-]{1,64})" ([A-Z]+) -?\d+$/.exec(line) ?? []
  const state = STATES.find((each) => each === word)
  return instance === undefined || state === undefined ? undefined : { instance, state }
}
