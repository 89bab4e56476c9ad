// How a child is told apart from other programs, and what of its parent's options reaches it.

export type Role = 'control' | 'worker'

/** An argument and no variable of the environment: it concerns this one process, and nothing that it may start. */
export function markOf(role: Role): string {
  return `--hotspare-${role}`
}

/** What this process is; undefined: no child of a guard. */
export function roleOf(argv: readonly string[]): Role | undefined {
  return (['control', 'worker'] as const).find((role) => argv[2] === markOf(role))
}

/**
 * Of Node's own options, the conditions by which modules are found. Any other is meant for the parent: `--import` would
 * run its program once more, `--inspect-brk` would wait for a debugger.
 */
export function childExecArgv(execArgv: readonly string[]): string[] {
  return execArgv.filter((option, index) => option.startsWith('--conditions=') || isConditions(option) || isConditions(execArgv[index - 1]))
}

function isConditions(option: string | undefined): boolean {
  // `--conditions name` is two arguments.
  return option === '--conditions' || option === '-C'
}
