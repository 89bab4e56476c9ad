/** The one name that the doctor writes to. */
export function probeName(zone: string): string {
  return `_hotspare-doctor.${zone}`
}

/** What it writes, so that a later run knows it for its own. */
export function probeText(wallMs: number): string {
  return `${PREFIX}${new Date(wallMs).toISOString()}`
}

/** Whether a set is one that a run before us has left behind. */
export function isProbe(values: readonly string[]): boolean {
  return values.every((text) => text.startsWith(PREFIX))
}

const PREFIX = 'hotspare doctor '
