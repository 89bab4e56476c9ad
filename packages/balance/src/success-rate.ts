import { misuse } from './errors.ts'

/**
 * The success rate below which a host stands out beside its peers, as Envoy's outlier detection has it: the mean less
 * `stdevFactor` times the standard deviation of the whole population. A host is put aside when its rate is less than
 * that; one that equals it stays.
 *
 * @param ratesPercent of each host, in percent, 0 to 100; at least one
 * @param stdevFactor 0 or more; Envoy's 1.9 stands in its options as 1900
 * @returns percent; below 0 where no host can stand out
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function successRateThreshold(ratesPercent: readonly number[], stdevFactor: number): number {
  if (ratesPercent.length === 0) throw misuse('success rate: there is no rate: give one or more')
  if (!ratesPercent.every((rate) => rate >= 0 && rate <= 100)) {
    throw misuse(`success rate: rates ${ratesPercent.join(', ')}: each must be a percentage from 0 to 100`)
  }
  if (!(stdevFactor >= 0 && Number.isFinite(stdevFactor))) {
    throw misuse(`success rate: stdevFactor is ${stdevFactor}: write a number, 0 or more`)
  }
  const mean = ratesPercent.reduce((total, rate) => total + rate, 0) / ratesPercent.length
  const variance = ratesPercent.reduce((total, rate) => total + (rate - mean) ** 2, 0) / ratesPercent.length
  return mean - stdevFactor * Math.sqrt(variance)
}
