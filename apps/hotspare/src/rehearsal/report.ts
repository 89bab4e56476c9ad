import { formatDuration } from '@hotspare/core'
import { table } from '../commands/table.ts'
import { failureText } from '../matrix/failure.ts'
import { foretoldMs } from './judge.ts'
import type { RehearsalPlan } from './rehearsal-plan.ts'
import type { RehearsedRow } from './rehearse.ts'

/** What is rehearsed, and what plays the rest. */
export function introduction(file: string, { service, nodes, stagings }: RehearsalPlan): string[] {
  return [
    `rehearsing ${file}: service ${service.name} at ${service.address}, ${service.onControlLoss}, on ${service.members.join(', ')} of ${nodes.length} nodes`,
    ...stagings.map((staging) => `  ${staging}`),
  ]
}

const HEAD = ['what fails, alone', 'foretold at most', 'no service', 'failed', 'two holders', 'afterwards on', '']

/** The rows as a table, with what went beyond below it. */
export function formatRows(rows: readonly RehearsedRow[]): string[] {
  const cells = rows.map((row) => {
    const { forecast, measured, broken } = row
    const { gapMs, failed, sent, twoHoldersMs, holders } = measured
    return [
      whatFails(row),
      foretold(row),
      formatDuration(gapMs),
      `${failed} of ${sent}`,
      twoHoldersMs === 0 ? 'never' : `${formatDuration(twoHoldersMs)}${forecast.twoHolders.type === 'until-mended' ? ', foretold' : ''}`,
      holders.join(' and ') || 'no node',
      broken.length === 0 ? 'as foretold' : 'BEYOND',
    ]
  })
  const beyond = rows.flatMap((row) => row.broken.map((each) => `BEYOND: ${whatFails(row)}: ${each}`))
  return [...table([HEAD, ...cells]).map((line) => line.trimEnd()), ...beyond]
}

/** The matrix has the first member for active; here it is whoever has it. */
export function whatFails({ forecast, measured }: Pick<RehearsedRow, 'forecast' | 'measured'>): string {
  const { failure } = forecast
  if ('nodes' in failure)
    return failureText({ ...failure, nodes: [measured.before, failure.nodes.find((node) => node !== measured.before) ?? ''] })
  return failureText('node' in failure ? { ...failure, node: measured.before } : failure)
}

function foretold({ forecast }: Pick<RehearsedRow, 'forecast'>): string {
  const ms = foretoldMs(forecast)
  if (ms === undefined) return 'until mended'
  return ms === 0 ? 'never' : formatDuration(Math.ceil(ms / 10) * 10)
}
