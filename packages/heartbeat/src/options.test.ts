import { describe, expect, it } from 'vitest'
import { createHeartbeat } from './heartbeat.ts'
import { heartbeatSettingsSchema, type HeartbeatSettings } from './options.ts'

const settings: HeartbeatSettings = {
  node: 'web-1',
  listen: ['10.0.0.1:7401', '[fd00::1]:7401'],
  peers: [{ name: 'web-2', paths: [{ address: '10.0.0.2:7401' }, { name: 'six', address: '[fd00::2]:7401', from: '[fd00::1]:7401' }] }],
  secrets: [{ id: 1, secret: 'a secret of 16 and more characters' }],
}

const path = { address: '10.0.0.2:7401' }

describe('the settings', () => {
  it.each([
    { what: 'no peers', change: { peers: [] }, message: 'peers: no peers: an empty list is a mistake and never means "I am alone"' },
    { what: 'peers that cannot be read', change: { peers: undefined }, message: 'peers: ' },
    { what: 'a peer without a path', change: { peers: [{ name: 'b', paths: [] }] }, message: 'peers.0.paths: expected at least one path' },
    {
      what: 'this node as its own peer',
      change: { peers: [{ name: 'web-1', paths: [path] }] },
      message: 'peers.0.name: is this node itself',
    },
    {
      what: 'two peers of one name',
      change: { peers: [1, 2].map(() => ({ name: 'b', paths: [path] })) },
      message: 'peers.1.name: two peers are called "b"',
    },
    {
      what: 'two paths of one name, one of them by default',
      change: { peers: [{ name: 'b', paths: [{ ...path, name: '2' }, path] }] },
      message: 'peers.0.paths.1: two paths are called "2"',
    },
    {
      what: 'a name for an address',
      change: { peers: [{ name: 'b', paths: [{ address: 'web-2:7401' }] }] },
      message: 'peers.0.paths.0.address: expected an IP address and a port',
    },
    {
      what: 'port 0 at a peer',
      change: { peers: [{ name: 'b', paths: [{ address: '10.0.0.2:0' }] }] },
      message: 'peers.0.paths.0.address: expected an IP address and a port',
    },
    {
      what: 'nothing of the family to send from',
      change: { listen: ['10.0.0.1:7401'] },
      message: 'peers.0.paths.1.from: is not in "listen"',
    },
    {
      what: 'nothing of the family to send from by default',
      change: { listen: ['[fd00::1]:7401'] },
      message: 'peers.0.paths.0: no address of IPv4 in "listen" to send from',
    },
    {
      what: 'a source of the other family',
      change: { peers: [{ name: 'b', paths: [{ ...path, from: '[fd00::1]:7401' }] }] },
      message: 'peers.0.paths.0.from: is not of IPv4, as the address is',
    },
    { what: 'one address twice', change: { listen: ['10.0.0.1:1', '[fd00::1]:7401', '10.0.0.1:1'] }, message: 'listen.2: is there twice' },
    {
      what: 'port 0 to listen on',
      change: { listen: ['10.0.0.1:0', '[fd00::1]:7401'] },
      message: 'listen.0: expected a port: peers cannot know one that the system chooses',
    },
    // Both left from the first address, so one cut was the end of both.
    {
      what: 'two paths of a family that do not say which address of ours they leave from',
      change: { listen: ['10.0.0.1:7401', '10.0.1.1:7401'], peers: [{ name: 'b', paths: [path, { address: '10.0.1.2:7401' }] }] },
      message: 'peers.0.paths.1.from: is missing: the peer has several paths of this family',
    },
    {
      what: 'a second path that leaves it open where the first does not',
      change: {
        listen: ['10.0.0.1:7401', '10.0.1.1:7401'],
        peers: [{ name: 'b', paths: [{ ...path, from: '10.0.0.1:7401' }, { address: '10.0.1.2:7401' }] }],
      },
      message: 'peers.0.paths.1.from: is missing',
    },
    {
      what: 'a longest silence that is shorter than the first',
      change: { detector: { type: 'phi', maxLimitMs: 1_000 } },
      message: 'detector.maxLimitMs: expected at least 1381',
    },
    { what: 'no secret', change: { secrets: [] }, message: 'secrets: expected at least one secret' },
    {
      what: 'two secrets of one id',
      change: { secrets: [1, 2].map((number) => ({ id: 1, secret: `secret number ${number} of two` })) },
      message: 'secrets: two secrets have the same id',
    },
    {
      what: 'a timeout of less than 3 intervals',
      change: { intervalMs: 100, detector: { type: 'timeout', timeoutMs: 299 } },
      message: 'detector.timeoutMs: expected at least 300, 3 intervals',
    },
    { what: 'a pause that every look would be', change: { ownPauseMs: 150 }, message: 'ownPauseMs: expected at least 200' },
    { what: 'an unknown option', change: { interval: 100 }, message: 'interval' },
  ])('are refused with $what', ({ change, message }) => {
    const options = { ...settings, ...change } as HeartbeatSettings
    expect(() => createHeartbeat(options)).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEARTBEAT_OPTIONS' }))
    expect(() => createHeartbeat(options)).toThrow(message)
  })

  it('are refused with a short secret, which the message does not repeat', () => {
    const options = { ...settings, secrets: [{ id: 1, secret: 'hunter2' }] }
    expect(() => createHeartbeat(options)).toThrow('secrets.0.secret: expected at least 16 bytes')
    expect(() => createHeartbeat(options)).not.toThrow('hunter2')
  })

  it('are completed, and are data that can be handed to another process', () => {
    const resolved = heartbeatSettingsSchema.parse(JSON.parse(JSON.stringify(settings)))
    expect(resolved).toEqual({
      ...settings,
      peers: [
        {
          name: 'web-2',
          paths: [
            { name: '1', address: '10.0.0.2:7401', from: '10.0.0.1:7401', bound: false },
            { name: 'six', address: '[fd00::2]:7401', from: '[fd00::1]:7401', bound: true },
          ],
        },
      ],
      intervalMs: 100,
      detector: { type: 'timeout', timeoutMs: 1_500 },
      rise: 2,
      ownPauseMs: 375,
      maxAgeMs: 5_000,
      counterFile: undefined,
      receiveBufferBytes: 131_072,
    })
  })

  it('may leave open which address a path leaves from where there is one of its family, or one path', () => {
    const two = [path, { address: '10.0.1.2:7401' }]
    for (const change of [
      { listen: ['10.0.0.1:7401', '[fd00::1]:7401'], peers: [{ name: 'b', paths: [...two, { address: '[fd00::2]:7401' }] }] },
      { listen: ['10.0.0.1:7401', '10.0.1.1:7401'], peers: two.map((only, index) => ({ name: `b${index}`, paths: [only] })) },
    ]) {
      expect(heartbeatSettingsSchema.safeParse({ ...settings, ...change }).success).toBe(true)
    }
  })

  it('follow the interval where they leave something out', () => {
    expect(heartbeatSettingsSchema.parse({ ...settings, intervalMs: 1_000 })).toMatchObject({
      detector: { timeoutMs: 15_000 },
      ownPauseMs: 3_750,
    })
    const phi = heartbeatSettingsSchema.parse({ ...settings, detector: { type: 'phi' } }).detector
    expect(phi).toEqual({
      type: 'phi',
      threshold: 8,
      windowSize: 200,
      minSigmaMs: 50,
      acceptablePauseMs: 1_000,
      intervalMs: 100,
      maxLimitMs: 5_522,
    })
  })
})
