import { describe, expect, it } from 'vitest'
import { collide, formatListen, isLoopback, readListen, readOrigin, reaches } from './addresses.ts'

const listen = (text: string) => {
  const reading = readListen(text)
  if (!reading.ok) throw new Error(reading.hint)
  return reading.value
}

describe('a listen address', () => {
  it.each([
    ['8080', 'write host:port, like 127.0.0.1:8080 or [::1]:8080, or :8080 for every address'],
    ['127.0.0.1', 'write host:port, like 127.0.0.1:8080 or [::1]:8080, or :8080 for every address'],
    ['127.0.0.1:', 'write host:port, like 127.0.0.1:8080 or [::1]:8080, or :8080 for every address'],
    ['', 'write host:port, like 127.0.0.1:8080 or [::1]:8080, or :8080 for every address'],
    ['::1:8080', 'put an IPv6 address into brackets, like [::1]:8080'],
    ['127.0.0.1:65536', 'the port is a number from 0 to 65535'],
    ['127.0.0.1:http', 'the port is a number from 0 to 65535'],
    ['127.0.0.1:-1', 'the port is a number from 0 to 65535'],
    ['256.0.0.1:80', 'the host is an IP address of this machine or a host name'],
    ['10.0.0:80', 'the host is an IP address of this machine or a host name'],
    ['a b:80', 'the host is an IP address of this machine or a host name'],
    ['http://a:80', 'leave the scheme away: only host and port'],
    ['*:80', 'for every address of the machine write :8080'],
    ['[127.0.0.1]:80', 'in the brackets goes an IPv6 address, like [::1]:8080'],
    ['[]:80', 'in the brackets goes an IPv6 address, like [::1]:8080'],
  ])('%j is refused with a hint', (text, hint) => {
    expect(readListen(text)).toEqual({ ok: false, hint })
  })

  it.each([
    ['127.0.0.1:7400', { host: '127.0.0.1', port: 7400 }, '127.0.0.1:7400'],
    [':8080', { host: '::', port: 8080 }, '[::]:8080'],
    ['[::1]:8080', { host: '::1', port: 8080 }, '[::1]:8080'],
    ['[0:0:0:0:0:0:0:1]:8080', { host: '::1', port: 8080 }, '[::1]:8080'],
    ['[fe80::1%eth0]:80', { host: 'fe80::1%eth0', port: 80 }, '[fe80::1%eth0]:80'],
    ['LocalHost:0', { host: 'localhost', port: 0 }, 'localhost:0'],
  ])('%j is read and written back', (text, address, written) => {
    expect(readListen(text)).toEqual({ ok: true, value: address })
    expect(formatListen(address)).toBe(written)
  })

  it.each([
    ['0.0.0.0:80', '127.0.0.1:80'],
    ['127.0.0.1:80', '0.0.0.0:80'],
    [':80', '10.0.0.1:80'],
    [':80', '[fe80::1]:80'],
    ['localhost:80', '127.0.0.1:80'],
    ['localhost:80', '[::1]:80'],
    ['0.0.0.0:80', 'localhost:80'],
    ['10.0.0.1:80', '10.0.0.1:80'],
  ])('%s and %s collide', (one, other) => {
    expect(collide(listen(one), listen(other))).toBe(true)
  })

  it.each([
    ['127.0.0.1:80', '127.0.0.1:81'],
    ['127.0.0.1:80', '127.0.0.2:80'],
    ['0.0.0.0:80', '[::1]:80'],
    ['localhost:80', '127.0.0.2:80'],
    ['127.0.0.1:0', '127.0.0.1:0'],
  ])('%s and %s do not collide', (one, other) => {
    expect(collide(listen(one), listen(other))).toBe(false)
  })

  it('is loopback for the whole of 127.0.0.0/8, ::1 and localhost, and for nothing else', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost', '::ffff:7f00:1'].map(isLoopback)).not.toContain(false)
    expect(['0.0.0.0', '::', '10.0.0.1', '127.example.com', 'localhost.example.com', 'fe80::1'].map(isLoopback)).not.toContain(true)
  })
})

describe('the URL of a target', () => {
  it.each([
    ['10.0.0.1:80', 'write the scheme too: http://, https:// or tcp://'],
    ['ftp://10.0.0.1', 'the scheme is http://, https:// or tcp://'],
    ['http://', 'the host or the port cannot be read'],
    ['http://a:99999', 'the host or the port cannot be read'],
    ['http://a:0', 'the port is a number from 1 to 65535'],
    ['http://user:pw@a', 'a target takes no user and password; the client sends its own'],
    ['http://a/app', 'a target takes no path; each request brings its own, and the health check has `path`'],
    ['http://a?x=1', 'a target takes no query; each request brings its own'],
    ['http://a/?', 'a target takes no query; each request brings its own'],
    ['http://a#top', 'a target takes no fragment'],
  ])('%j is refused with a hint', (text, hint) => {
    expect(readOrigin(text)).toEqual({ ok: false, hint })
  })

  it.each([
    ['http://10.0.0.1:8080', { url: 'http://10.0.0.1:8080', protocol: 'http', host: '10.0.0.1', port: 8080 }],
    ['http://shop.example.com/', { url: 'http://shop.example.com', protocol: 'http', host: 'shop.example.com', port: 80 }],
    ['HTTPS://[::1]', { url: 'https://[::1]', protocol: 'https', host: '::1', port: 443 }],
  ])('%j is taken apart', (text, value) => {
    expect(readOrigin(text)).toEqual({ ok: true, value })
  })

  it.each([
    ['127.0.0.1', '0.0.0.0:80', true],
    ['127.0.0.1', ':80', true],
    ['localhost', '127.0.0.1:80', true],
    ['10.0.0.1', '10.0.0.1:80', true],
    ['0.0.0.0', ':80', true],
    ['10.0.0.1', '0.0.0.0:80', false],
    ['127.0.0.1', '10.0.0.1:80', false],
    ['127.0.0.1', '127.0.0.1:81', false],
  ])('a target at %s:80 reaches a listener at %s: %s', (host, text, expected) => {
    expect(reaches({ host, port: 80 }, listen(text))).toBe(expected)
  })
})
