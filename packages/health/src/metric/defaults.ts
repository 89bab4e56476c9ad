/** The limits of a scrape. Each number with its reason. */
export const metricDefaults: Readonly<Record<'timeoutMs' | 'maxBodyBytes' | 'maxLineCharacters' | 'maxSeries', number>> = Object.freeze({
  /** Exporters gather when they are asked: node_exporter takes some 100 ms, and more on a busy host. */
  timeoutMs: 2_000,
  /** Some forty times node_exporter's page, and a large kube-state-metrics. */
  maxBodyBytes: 4_194_304,
  /** A line with all its labels; longer ones are no metric. */
  maxLineCharacters: 65_536,
  /** Kept in one scrape; a selector that matches more should be narrower. */
  maxSeries: 10_000,
})
