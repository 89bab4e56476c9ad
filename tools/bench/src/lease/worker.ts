// One subject in a process of its own: its CPU time is that of the client alone.
import { errorText, HotspareError, systemClock } from '@hotspare/core'
import { type Instruments, renewFor } from './measure.ts'
import type { LeaseAnswer, LeaseTask } from './messages.ts'
import { concurrencies, subjects } from './subjects.ts'
import type { OpenLeases } from './subject.ts'

let opened: Promise<OpenLeases> | undefined

const instruments: Instruments = {
  monotonicMs: () => systemClock.monotonicMs(),
  cpuMicros() {
    const { user, system } = process.cpuUsage()
    return user + system
  },
}

process.on('message', (task: LeaseTask) => {
  void answer(task).then((message) => process.send?.(message))
})
// The bench has gone.
process.on('disconnect', () => process.exit())

async function answer(task: LeaseTask): Promise<LeaseAnswer> {
  try {
    opened ??= open(task)
    const leases = await opened
    return { ok: true, ...(await renewFor((lease) => leases.renew(lease), task, instruments)) }
  } catch (error) {
    return { ok: false, because: errorText(error) }
  }
}

async function open({ subject: name, site }: LeaseTask): Promise<OpenLeases> {
  const subject = subjects.find((candidate) => candidate.name === name)
  if (!subject) throw new HotspareError({ code: 'HOTSPARE_BENCH_SUBJECT', message: `bench: no subject "${name}"` })
  return subject.open(site, Math.max(...concurrencies))
}
