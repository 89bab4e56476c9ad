import { describe, expect, it } from 'vitest'
import { certifiedName, destination, http1Text, type HttpRequest, redirected } from './request.ts'

function request(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url: new URL(url), headers: {}, body: undefined, connectTo: {}, servername: undefined, ...more }
}

const secrets = { authorization: 'Bearer secret', cookie: 'id=secret', 'x-api-key': 'secret', accept: 'text/html', host: 'shop.example' }

describe('a redirect', () => {
  it.each(['http://', 'http://[', 'https://:0:0/'])('to %j, which is no address, is not followed', (location) => {
    expect(redirected(request('http://10.0.0.11/'), 302, location)).toBe('redirects to what is no address')
  })

  it.each(['ftp://10.0.0.11/', 'file:///etc/passwd', 'javascript:alert(1)'])('to %j is not followed', (location) => {
    expect(redirected(request('http://10.0.0.11/'), 302, location)).toBe('redirects to what is not HTTP')
  })

  it.each(['https://10.0.0.11/', 'http://10.0.0.11:81/', 'http://login.example/', '//login.example/'])(
    'to another origin (%s) takes no secret along',
    (location) => {
      const from = request('http://10.0.0.11/', { headers: secrets, connectTo: { port: 8_080 }, servername: 'shop.example' })
      const to = redirected(from, 302, location)
      expect(to).toMatchObject({ headers: { accept: 'text/html' }, connectTo: {}, servername: undefined })
      expect(JSON.stringify(to)).not.toContain('secret')
    },
  )

  it('takes no user and password from an address', () => {
    expect(redirected(request('http://10.0.0.11/'), 302, 'http://user:secret@other.example/a')).toMatchObject({
      url: new URL('http://other.example/a'),
    })
  })

  it('does not carry a body to another origin', () => {
    const from = request('http://10.0.0.11/', { method: 'POST', body: Buffer.from('secret') })
    expect(redirected(from, 307, 'http://other.example/')).toMatch(/^redirects to another origin/)
  })

  it.each(['/next?a=b#c', 'next?a=b', 'http://10.0.0.11:8080/next?a=b', 'http://shop.example/next?a=b', '//shop.example/next?a=b'])(
    'to %j stays with the target that was asked, in its own name',
    (location) => {
      const from = request('http://10.0.0.11:8080/', { headers: secrets, connectTo: { host: '127.0.0.1', port: 1 } })
      expect(redirected(from, 302, location)).toEqual({ ...from, url: new URL('http://10.0.0.11:8080/next?a=b') })
    },
  )

  it.each([
    { method: 'POST', status: 301, becomes: 'GET' },
    { method: 'POST', status: 302, becomes: 'GET' },
    { method: 'POST', status: 303, becomes: 'GET' },
    { method: 'POST', status: 307, becomes: 'POST' },
    { method: 'POST', status: 308, becomes: 'POST' },
    { method: 'PUT', status: 301, becomes: 'PUT' },
    { method: 'PUT', status: 303, becomes: 'GET' },
    { method: 'HEAD', status: 303, becomes: 'HEAD' },
  ])('of status $status turns $method into $becomes', ({ method, status, becomes }) => {
    const body = method === 'HEAD' ? undefined : Buffer.from('x')
    const to = redirected(request('http://a/', { method, body, headers: { 'content-type': 'text/plain' } }), status, '/b')
    expect(to).toMatchObject({ method: becomes, body: becomes === method ? body : undefined })
    expect(typeof to === 'object' && 'content-type' in to.headers).toBe(becomes === method && body !== undefined)
  })
})

describe('a request', () => {
  it('is written with one length, one host and no more', () => {
    const text = http1Text(request('http://[::1]:81/a?b', { method: 'POST', body: Buffer.from('grün'), headers: { 'x-a': 'b' } }))
    expect(text).toBe(
      'POST /a?b HTTP/1.1\r\nhost: [::1]:81\r\naccept: */*\r\naccept-encoding: identity\r\nuser-agent: hotspare-health\r\n' +
        'x-a: b\r\ncontent-length: 5\r\nconnection: close\r\n\r\n',
    )
  })

  it('goes where it is told, whatever its URL says', () => {
    expect(destination(request('https://[::1]/'))).toEqual({ host: '::1', port: 443 })
    expect(destination(request('http://a:81/', { connectTo: { host: 'b' } }))).toEqual({ host: 'b', port: 81 })
    expect(destination(request('http://a/', { connectTo: { port: 82 } }))).toEqual({ host: 'a', port: 82 })
  })

  it.each([
    { url: 'https://10.0.0.1/', name: '10.0.0.1' },
    { url: 'https://[::1]/', name: '::1' },
    { url: 'https://a.example/', name: 'a.example' },
    { url: 'https://10.0.0.1/', host: 'b.example:444', name: 'b.example' },
    { url: 'https://a.example/', host: '10.0.0.2', name: 'a.example' },
    { url: 'https://a.example/', host: 'b.example', servername: 'c.example', name: 'c.example' },
  ])('to $url with host $host wants a certificate for $name', ({ url, host, servername, name }) => {
    expect(certifiedName(request(url, { headers: host === undefined ? {} : { host }, servername }))).toBe(name)
  })
})
