/** Emptied by a reboot, as keepalived's own addresses are. */
export const DEFAULT_KEEPALIVED_FOLDER = '/run/hotspare/keepalived'
/** Debian's. */
export const DEFAULT_KEEPALIVED_PID_FILE = '/run/keepalived.pid'

/** How keepalived is told and waited for. Each number with its reason, in milliseconds. */
export const keepalivedDefaults: Readonly<Record<'advertIntervalMs' | 'slackMs' | 'releaseWaitMs' | 'pollMs' | 'callTimeoutMs', number>> =
  Object.freeze({
    /** A standby takes over within 0.3 s, and 10 small packets a second are nothing. */
    advertIntervalMs: 100,
    /** keepalived looks at its track file by inotify, and at its configuration within tenths of a second. */
    slackMs: 700,
    /** It lets go at once; a machine that starves takes its time. */
    releaseWaitMs: 2_000,
    /** How often the address is looked at meanwhile. */
    pollMs: 20,
    /** For a look: two calls of the kernel and two small files. */
    callTimeoutMs: 2_000,
  })
