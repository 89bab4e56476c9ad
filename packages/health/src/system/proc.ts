/** Time of all processors since the start of the machine, in the kernel's ticks. */
export interface CpuTimes {
  readonly total: number
  readonly idle: number
  readonly waiting: number
  readonly stolen: number
}

/** @returns the line `cpu` of /proc/stat; undefined for what is no such file */
export function parseCpuTimes(stat: string): CpuTimes | undefined {
  const fields = /^cpu +(\d[\d ]*)$/m.exec(stat)?.[1]?.trim().split(/ +/).map(Number)
  if (!fields || fields.length < 4) return undefined
  // The time of guests is in the first two already.
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softIrq = 0, stolen = 0] = fields
  return { total: user + nice + system + idle + waiting + irq + softIrq + stolen, idle, waiting, stolen }
}

/** @returns how many processors /proc/stat lists */
export function countProcessors(stat: string): number {
  return stat.match(/^cpu\d+ /gm)?.length ?? 0
}

/** @returns the numbers of /proc/meminfo or of a memory.stat, in bytes, by name */
export function parseNumbers(text: string): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>()
  for (const [, name = '', value = '', unit] of text.matchAll(/^([\w()]+):?[ \t]+(\d{1,18})( kB)?$/gm)) {
    numbers.set(name, Number(value) * (unit === undefined ? 1 : 1_024))
  }
  return numbers
}

/** @returns the averages of 1, 5 and 15 minutes; undefined for what is no /proc/loadavg */
export function parseLoad(text: string): readonly [number, number, number] | undefined {
  const [, one, five, fifteen] = /^(\d+\.\d+) (\d+\.\d+) (\d+\.\d+) /.exec(text) ?? []
  return one === undefined ? undefined : [Number(one), Number(five), Number(fifteen)]
}

/** @returns the shares of time over 10, 60 and 300 seconds; undefined where there is no such line */
export function parsePressure(text: string, who: 'some' | 'full'): Readonly<Record<10 | 60 | 300, number>> | undefined {
  for (const [, line, ten, minute, long] of text.matchAll(/^(some|full) avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+) /gm)) {
    if (line === who) return { 10: Number(ten) / 100, 60: Number(minute) / 100, 300: Number(long) / 100 }
  }
  return undefined
}
