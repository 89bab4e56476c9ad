import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../api-server.fixture.ts'
import { awaitKnock, knock } from './handover.ts'

const address = { host: '127.0.0.1', port: 8_080 }

async function folderOfOwn(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hotspare-handover-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

it('nobody answers where no worker waits', async () => {
  expect(await knock(address, await folderOfOwn())).toBe(false)
})

it('a folder that others may use is not used', async () => {
  const folder = await folderOfOwn()
  await chmod(folder, 0o777)
  await expect(awaitKnock([address], () => {}, folder)).rejects.toMatchObject({ code: 'HOTSPARE_APP_HANDOVER' })
})

it('a knock is heard at the address that it is meant for, and no longer after the end', async () => {
  const folder = await folderOfOwn()
  let heard = 0
  const close = await awaitKnock([address], () => (heard += 1), folder)
  onTestFinished(close)
  await until(() => knock(address, folder), 'somebody answers')
  await until(() => heard > 0, 'the knock')
  expect(await knock({ ...address, host: '::' }, folder)).toBe(false)
  expect(heard).toBe(1)
  close()
  await until(async () => !(await knock(address, folder)), 'silence')
  expect(await readdir(folder)).toEqual([])
})

it('what a worker left that was killed is no obstacle for the next', async () => {
  const folder = await folderOfOwn()
  let heard = 0
  // The name stays, and who listened there does not.
  onTestFinished(await awaitKnock([address], () => {}, folder))
  onTestFinished(await awaitKnock([address], () => (heard += 1), folder))
  await until(async () => (await knock(address, folder)) && heard > 0, 'the knock')
  expect(heard).toBeGreaterThan(0)
})
