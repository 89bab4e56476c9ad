/** `1 false alarm`, `0.071 false alarms` */
export function falseAlarms(count: number): string {
  return count === 1 ? '1 false alarm' : `${Number(count.toPrecision(2))} false alarms`
}
