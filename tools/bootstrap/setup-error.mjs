/** The set-up cannot go on, for a reason that a human can do something about. */
export class SetupError extends Error {
  /**
   * @param {string} message what failed and why, in one line
   * @param {string} [hint] what to do about it
   * @param {string} [output] what the failed command printed
   */
  constructor(message, hint, output) {
    super(message)
    this.hint = hint
    this.output = output
  }
}

/** Ctrl-C or SIGTERM during the set-up. */
export class Interrupted extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`interrupted by ${signal}`)
    this.signal = signal
  }
}

const CAUSES = [
  {
    pattern:
      /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|META_FETCH_FAIL|socket hang up|tcp connect error|dns error/,
    cause: 'the package registry cannot be reached',
    hint: 'Check the network, the proxy and `npm config get registry`, then run the command again: it goes on where it stopped.',
  },
  {
    pattern: /CERT_|SELF_SIGNED|certificate/,
    cause: 'the certificate of the package registry is not trusted',
    hint: 'Set NODE_EXTRA_CA_CERTS.',
  },
  { pattern: /ENOSPC|no space left/i, cause: 'the disk is full', hint: 'Some 1.5 GB are needed.' },
  { pattern: /EACCES|EPERM|EROFS|permission denied|read-only/i, cause: 'a file cannot be written', hint: 'The checkout must be writable.' },
  {
    pattern: /ERR_PNPM_OUTDATED_LOCKFILE/,
    cause: 'pnpm-lock.yaml does not fit a package.json',
    hint: 'Run `pnpm install` and commit the lockfile.',
  },
  { pattern: /\bE404\b|ETARGET|ERR_PNPM_NO_MATCHING_VERSION/, cause: 'the package registry does not have it', hint: 'Is a mirror behind?' },
]

/**
 * @param {string} output what npm or pnpm printed
 * @returns {{ cause: string, hint: string, evidence: string } | undefined} the cause with the line that tells; undefined for something new
 */
export function explain(output) {
  for (const { pattern, cause, hint } of CAUSES) {
    const lines = output.split('\n').filter((line) => pattern.test(line))
    // The longest line is the one with the details.
    const evidence = lines.reduce((longest, line) => (line.length > longest.length ? line : longest), '')
    if (lines.length > 0) return { cause, hint, evidence }
  }
  return undefined
}
