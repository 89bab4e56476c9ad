/** One array as /proc/mdstat shows it. */
export interface RaidArray {
  readonly name: string
  readonly active: boolean
  /** How many devices it should have, and how many of them work; undefined for levels without redundancy. */
  readonly devices?: { readonly wanted: number; readonly working: number } | undefined
  /** Devices that the kernel has thrown out, and that are still listed. */
  readonly faulty: readonly string[]
  readonly activity?: RaidActivity | undefined
}

const ACTIVITIES = ['recovery', 'resync', 'reshape', 'check', 'repair'] as const

export interface RaidActivity {
  readonly kind: (typeof ACTIVITIES)[number]
  /** How far it is, from 0 to 1; undefined while it waits. */
  readonly done?: number | undefined
}

/** More arrays than any machine has: the list is only as long as its file, which is bounded too. */
const MAX_ARRAYS = 1_024

/** @returns the arrays; none for a file without any, or one that is something else */
export function parseMdstat(text: string): readonly RaidArray[] {
  const arrays: RaidArray[] = []
  for (const block of text.split(/^(?=md\S* : )/m).slice(0, MAX_ARRAYS + 1)) {
    const [, name, state, members = ''] = /^(md\S*) : (active|inactive)\b(.*)$/m.exec(block) ?? []
    if (name === undefined || !block.startsWith(name)) continue
    // Another paragraph begins after an empty line.
    const body = block.split(/\n[ \t]*\n/, 1)[0] ?? ''
    arrays.push({
      name,
      active: state === 'active',
      devices: readDevices(body),
      faulty: [...members.matchAll(/(\S+?)\[\d+\](?:\([A-Z]\))*\(F\)/g)].map(([, device = '']) => device),
      activity: readActivity(body),
    })
  }
  return arrays
}

function readDevices(body: string): RaidArray['devices'] {
  const [, wanted, working] = /\[(\d{1,5})\/(\d{1,5})\] \[[U_]+\]/.exec(body) ?? []
  return wanted === undefined ? undefined : { wanted: Number(wanted), working: Number(working) }
}

function readActivity(body: string): RaidActivity | undefined {
  const [, kind, percentDone] = /\b([a-z]+)\s*=\s*(?:(\d{1,3}(?:\.\d+)?)%|PENDING|DELAYED|REMOTE)/.exec(body) ?? []
  const known = ACTIVITIES.find((activity) => activity === kind)
  if (!known) return undefined
  return { kind: known, ...(percentDone === undefined ? {} : { done: Math.min(Number(percentDone) / 100, 1) }) }
}
