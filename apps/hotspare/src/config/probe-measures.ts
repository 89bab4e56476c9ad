import { phaseMeasures, probeMeasures, systemMeasures } from '@hotspare/health/thresholds'
import type { CheckProbeConfig, ProbeConfig, TargetProbeConfig } from './config-probes.ts'

/** What a probe can measure, by the names that a limit may ask for. */
export interface ProbeMeasures {
  readonly names: readonly string[]
  /** Whether it may measure more than that: a job names its numbers itself. */
  readonly isOpen: boolean
}

/** What limits on this probe may be about. */
export function measuresOf(probe: CheckProbeConfig | TargetProbeConfig): ProbeMeasures {
  const { names, isOpen } = 'parts' in probe ? measuresOfParts(probe.parts) : withoutDuration(probe)
  return { names: ['duration-ms', ...names], isOpen }
}

/** Only what the parts measure has their names before it: how long one of them took is not told. */
function measuresOfParts(parts: readonly { readonly name: string; readonly probe: ProbeConfig }[]): ProbeMeasures {
  const each = parts.map(({ name, probe }) => {
    const { names, isOpen } = withoutDuration(probe)
    const own = names.filter((measure) => !phaseMeasures.includes(measure))
    return { names: own.map((measure) => `${name}.${measure}`), isOpen }
  })
  return { names: each.flatMap(({ names }) => names), isOpen: each.some(({ isOpen }) => isOpen) }
}

function withoutDuration(probe: Exclude<CheckProbeConfig, { readonly parts: unknown }> | TargetProbeConfig): ProbeMeasures {
  if (probe.type === 'system') return { names: systemMeasures[probe.options.what], isOpen: false }
  if (probe.type === 'metric') return measuresOfMetric(probe.options)
  // A job reports whatever numbers it likes.
  return { names: probeMeasures[probe.type], isOpen: probe.type === 'push' }
}

/** A series is measured by its own name. */
function measuresOfMetric({ series, dividedBy, perSecond }: MetricNames): ProbeMeasures {
  const name = /^[A-Za-z_:][A-Za-z0-9_:]*/.exec(series.trim())?.[0]
  const suffix = dividedBy === undefined ? (perSecond ? '-per-second' : '') : '-ratio'
  const rest = probeMeasures.metric
  return name === undefined ? { names: rest, isOpen: true } : { names: [`${name}${suffix}`, ...rest], isOpen: false }
}

interface MetricNames {
  readonly series: string
  readonly dividedBy?: string | undefined
  readonly perSecond: boolean
}
