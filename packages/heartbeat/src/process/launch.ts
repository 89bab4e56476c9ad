// How the heartbeat's process is told apart, and what of its parent's options reaches it.

/**
 * The argument that makes a process a heartbeat's. An argument and no variable of the environment: it concerns this one
 * process, and not what a preloaded module may start from there.
 */
export const CHILD_MARK = '--hotspare-heartbeat-process'

/** Whether this process beats for another. True for what is preloaded there, too. */
export function isHeartbeatChild(argv: readonly string[]): boolean {
  return argv[2] === CHILD_MARK
}

/**
 * Of Node's own options, the conditions by which modules are found. Any other is meant for the parent: `--eval` and
 * `--import` would run its program once more, `--inspect-brk` would wait for a debugger, `--cpu-prof` would write a profile.
 */
export function childExecArgv(execArgv: readonly string[]): readonly string[] {
  return execArgv.filter((option, index) => {
    if (option.startsWith('--conditions=')) return true
    // `--conditions name` is two arguments.
    return isConditions(option) || isConditions(execArgv[index - 1])
  })
}

function isConditions(option: string | undefined): boolean {
  return option === '--conditions' || option === '-C'
}

/** An option of `NODE_OPTIONS` as it stands there, quotes and all. */
const OPTION = /(?:"(?:\\.|[^"\\])*"|[^ "])+/g

/** Options of a parent that is being debugged or measured. */
const DIAGNOSTIC = /^"?--(?:inspect|cpu-prof|heap-prof)/

/**
 * `NODE_OPTIONS` without debuggers and profiles. Preloaded modules stay: without Yarn's Plug'n'Play, which is one, the
 * child could not find its modules.
 */
export function childNodeOptions(nodeOptions: string | undefined): string | undefined {
  let dropping = false
  return nodeOptions
    ?.match(OPTION)
    ?.filter((option) => {
      // `--inspect-port 9229` is two: a value goes the way of its option.
      if (/^"?-/.test(option)) dropping = DIAGNOSTIC.test(option)
      return !dropping
    })
    .join(' ')
}
