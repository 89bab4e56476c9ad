/** Which file it is, whatever it is called. */
export interface FileIdentity {
  readonly device: number
  readonly inode: number
}

export interface RotationQuestion {
  /** What is being written to. */
  readonly open: FileIdentity
  /** What has the name now; undefined: nothing has. */
  readonly found: FileIdentity | undefined
  /** Nothing had it at the last look either. */
  readonly wasMissing: boolean
}

/**
 * What a look at the name of a log says. Whoever moves a log away makes a new one in the next moment, with the owner and the
 * mode that it wants (logrotate's `create`): a file of ours must not be in its way, so a name that is free is left free until the
 * next look. Meanwhile the lines go to the file that was moved.
 */
export function rotationStep({ open, found, wasMissing }: RotationQuestion): 'keep' | 'wait' | 'reopen' {
  if (found) return found.device === open.device && found.inode === open.inode ? 'keep' : 'reopen'
  return wasMissing ? 'reopen' : 'wait'
}
