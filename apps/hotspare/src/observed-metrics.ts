import { type Attributes, type Meter, ValueType } from '@opentelemetry/api'

/** The series of one metric at the moment of a scrape; one without a value is left out. */
export type Read = () => readonly (readonly [value: number | undefined, attributes?: Attributes])[]

export interface ObservedMetrics {
  readonly gauge: (name: string, description: string, read: Read) => void
  /** A count that something else keeps. */
  readonly tally: (name: string, description: string, read: Read) => void
}

/** Metrics whose values are read when they are asked for. Names get the prefix `hotspare_`. */
export function observedMetrics(meter: Meter): ObservedMetrics {
  return {
    gauge(name, description, read) {
      meter.createObservableGauge(`hotspare_${name}`, { description }).addCallback((result) => {
        for (const [value, attributes] of read()) if (value !== undefined) result.observe(value, attributes)
      })
    },
    tally(name, description, read) {
      meter.createObservableCounter(`hotspare_${name}`, { description, valueType: ValueType.INT }).addCallback((result) => {
        for (const [value, attributes] of read()) if (value !== undefined) result.observe(value, attributes)
      })
    },
  }
}
