import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { configFrom, loadSourcedConfig } from './config-source.ts'

const yaml = `
node: \${env:NODE}
api: { listen: "127.0.0.1:0", token: "\${file:token}" }
pools: { site: { targets: ["http://127.0.0.1:9"] } }
alerts: { channels: { hook: { type: webhook, url: "http://user:in-the-file@127.0.0.1/x" } } }
`

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hotspare-source-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

it('makes the same configuration and knows the same secrets, whatever has become of files and environment', async () => {
  const folder = await folderWith({ 'hotspare.yaml': yaml, token: 'from-the-file\n' })
  const env = { NODE: 'web-1', NOT_ASKED_FOR: 'nobody-gets-this' }
  const { config, source } = await loadSourcedConfig(join(folder, 'hotspare.yaml'), { env, hostname: 'host-1' })
  await rm(folder, { recursive: true })
  // As it arrives in another process.
  const handed = structuredClone(source)
  expect([...handed.env]).toEqual([['NODE', 'web-1']])
  const again = await configFrom(handed)
  expect(again.config).toEqual(config)
  expect(Object.isFrozen(again.config.pools)).toBe(true)
  expect(again.redactor.redact('from-the-file, in-the-file')).toBe('[redacted], [redacted]')
})

it('says what is wrong with a file just as the loader does', async () => {
  const folder = await folderWith({ 'hotspare.yaml': 'pools: {}' })
  await expect(loadSourcedConfig(join(folder, 'hotspare.yaml'), { env: {}, hostname: 'h' })).rejects.toMatchObject({
    code: 'HOTSPARE_CONFIG_INVALID',
  })
})
