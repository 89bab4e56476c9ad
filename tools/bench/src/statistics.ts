/** Several measurements of one thing, in short. */
export interface Summary {
  readonly median: number
  readonly lowest: number
  readonly highest: number
  readonly samples: number
}

/**
 * The value below which the share `q` of the values lies, interpolated between neighbours as R and NumPy do by default.
 *
 * @param q from 0 (the lowest value) to 1 (the highest)
 * @returns undefined where there are no values
 */
export function quantile(values: readonly number[], q: number): number | undefined {
  const ascending = values.toSorted((a, b) => a - b)
  const place = (ascending.length - 1) * Math.min(1, Math.max(0, q))
  const below = ascending[Math.floor(place)]
  const above = ascending[Math.ceil(place)]
  if (below === undefined || above === undefined) return undefined
  // Equal neighbours are returned as they are: the sum below could round to a value that was never measured.
  return below === above ? below : below + (above - below) * (place - Math.floor(place))
}

export function median(values: readonly number[]): number | undefined {
  return quantile(values, 0.5)
}

/** @returns undefined where there are no values */
export function summarise(values: readonly number[]): Summary | undefined {
  const middle = median(values)
  if (middle === undefined) return undefined
  return { median: middle, lowest: Math.min(...values), highest: Math.max(...values), samples: values.length }
}

/**
 * How many times as much `values` are as `reference`: the median over the rounds of the ratio within each round.
 * Both sides of a round met the same machine minutes, so what disturbs a round disturbs the ratio less than the values.
 *
 * @returns undefined where no round has both
 */
export function pairedRatio(values: readonly number[], reference: readonly number[]): number | undefined {
  const ratios = values.flatMap((value, round) => {
    const other = reference[round]
    return other !== undefined && other > 0 ? [value / other] : []
  })
  return median(ratios)
}
