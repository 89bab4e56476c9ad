/**
 * The long form, by hand: `node --conditions=@hotspare/source packages/proxy/src/faults/faults.process.fixture.ts 60`
 * holds each load for so many seconds.
 */
import { faults, runFault } from './faults.fixture.ts'

const [, , seconds = '30'] = process.argv
for (const fault of faults) {
  const { load, told, reasons, retried, held } = await runFault(fault, Number(seconds))
  const agree = JSON.stringify(load.failed) === JSON.stringify(told)
  console.log(fault.name, JSON.stringify({ sent: load.sent, answered: load.answered, failed: load.failed, told, retried, held, agree }))
  for (const reason of reasons.slice(0, 5)) console.log('  ', reason)
}
