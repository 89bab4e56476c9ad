/**
 * Reads a list of cores as the kernel writes it: `0-1,4`.
 *
 * @returns the cores in ascending order; none where the text is no such list
 */
export function parseCpuList(text: string): readonly number[] {
  const cores = new Set<number>()
  for (const part of text.trim().split(',')) {
    const [, first, last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part) ?? []
    if (first === undefined) return []
    for (let core = Number(first); core <= Number(last); core++) cores.add(core)
  }
  return [...cores].toSorted((a, b) => a - b)
}

/** @returns the cores that `/proc/PID/status` allows the process to run on */
export function allowedCores(procStatus: string): readonly number[] {
  const [, list = ''] = /^Cpus_allowed_list:\s*(.*)$/m.exec(procStatus) ?? []
  return parseCpuList(list)
}
