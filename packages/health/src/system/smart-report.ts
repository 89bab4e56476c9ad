import { z } from 'zod'
import { degraded, failed, type Finding, inconclusive, passed } from '../failure.ts'

/** The fields of smartctl's JSON that are read; the rest is passed over. */
const reportSchema = z.object({
  smartctl: z.object({ messages: z.array(z.object({ string: z.string() })).optional() }).optional(),
  smart_status: z.object({ passed: z.boolean() }).optional(),
  temperature: z.object({ current: z.number() }).optional(),
  power_on_time: z.object({ hours: z.number() }).optional(),
  ata_smart_attributes: z.object({ table: z.array(z.object({ id: z.number(), raw: z.object({ value: z.number() }) })) }).optional(),
  nvme_smart_health_information_log: z
    .object({ percentage_used: z.number().optional(), available_spare: z.number().optional(), media_errors: z.number().optional() })
    .optional(),
})

type SmartReport = z.infer<typeof reportSchema>

/** smartctl(8), "EXIT STATUS". */
const BIT = { commandLine: 1, open: 2, command: 4, failing: 8, prefail: 16, pastPrefail: 32, errorLog: 64, selfTestLog: 128 } as const

const REMARKS: readonly (readonly [bit: number, text: string])[] = [
  [BIT.command, 'a command to the disk failed'],
  [BIT.pastPrefail, 'an attribute was beyond its threshold in the past'],
  [BIT.errorLog, 'its error log has entries'],
]

/** The count of sectors that were replaced, and of those that wait for it (ATA). */
const ATTRIBUTES: ReadonlyMap<number, string> = new Map([
  [5, 'reallocated-sectors'],
  [197, 'pending-sectors'],
  [198, 'uncorrectable-sectors'],
])

/** Judges the output of `smartctl --json` and its exit status, a mask of bits. */
export function judgeSmart(device: string, exitStatus: number, output: string): Finding {
  const report = readReport(output)
  if (!report) return inconclusive(`smartctl did not answer in JSON (exit status ${exitStatus})`)
  const message = report.smartctl?.messages?.[0]?.string
  if ((exitStatus & (BIT.commandLine | BIT.open)) !== 0) {
    return inconclusive(`${device} could not be asked: ${message ?? `exit status ${exitStatus}`}`)
  }
  const warning = REMARKS.flatMap(([bit, text]) => ((exitStatus & bit) === 0 ? [] : [text])).join('; ')
  const remarks = { measures: measuresOf(report), ...(warning === '' ? {} : { warning }) }
  if ((exitStatus & BIT.failing) !== 0 || report.smart_status?.passed === false)
    return failed('unwell', `${device} says that it is failing`, remarks)
  if ((exitStatus & BIT.prefail) !== 0) return degraded(`an attribute of ${device} says that it will fail soon`, remarks)
  if ((exitStatus & BIT.selfTestLog) !== 0) return degraded(`a self-test of ${device} has failed`, remarks)
  if (!report.smart_status) return inconclusive(`${device} did not say how it is${message === undefined ? '' : `: ${message}`}`)
  return passed(`${device} says that it is well`, remarks)
}

function readReport(output: string): SmartReport | undefined {
  try {
    return reportSchema.safeParse(JSON.parse(output)).data
  } catch {
    return undefined
  }
}

function measuresOf(report: SmartReport): Record<string, number> {
  const nvme = report.nvme_smart_health_information_log
  const measures: Record<string, number | undefined> = {
    'temperature-celsius': report.temperature?.current,
    'power-on-hours': report.power_on_time?.hours,
    'worn-ratio': nvme?.percentage_used === undefined ? undefined : nvme.percentage_used / 100,
    'spare-ratio': nvme?.available_spare === undefined ? undefined : nvme.available_spare / 100,
    'media-errors-count': nvme?.media_errors,
  }
  for (const { id, raw } of report.ata_smart_attributes?.table ?? []) {
    const name = ATTRIBUTES.get(id)
    if (name !== undefined) measures[name] = raw.value
  }
  return Object.fromEntries(Object.entries(measures).filter((entry): entry is [string, number] => entry[1] !== undefined))
}
