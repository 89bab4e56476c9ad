import { posix } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRouter, type Route, type RoutedRequest, routeProblems } from '../routes.ts'

type Named = Route<string>

/** Each route leads to its own spelling. */
function routes(...written: readonly (Omit<Named, 'to'> | string)[]): Named[] {
  return written.map((each) => {
    if (typeof each !== 'string') return { ...each, to: JSON.stringify(each) }
    const slash = each.indexOf('/')
    const host = slash === -1 ? each : each.slice(0, slash)
    return { ...(host === '' ? {} : { host }), ...(slash === -1 ? {} : { path: each.slice(slash) }), to: each }
  })
}

function where(list: readonly Named[], host: string, path = '/', more: Partial<RoutedRequest> = {}): string {
  const found = createRouter(list).find({ method: 'GET', headers: {}, host, path, ...more })
  return found.kind === 'route' ? found.route.to : found.kind
}

describe('a list of routes is refused', () => {
  it.each([
    ['the same host and path twice', routes('a.example/x', 'A.Example/x/'), 1, 'routes[0] is for the same requests'],
    ['the same wildcard twice', routes('*.example.org', '*.example.org./'), 1, 'routes[0] is for the same requests'],
    ['one IPv6 address in two spellings', routes('[::1]', '[0:0:0:0:0:0:0:1]'), 1, 'routes[0] is for the same requests'],
    ['one path in two spellings', routes('/admin', '/%61dmin'), 1, 'routes[0] is for the same requests'],
    [
      'conditions that one request can meet',
      routes({ methods: ['GET', 'PUT'] }, { methods: ['HEAD'] }),
      1,
      'routes[0] is for the same requests',
    ],
    ['conditions on two headers', routes({ headers: { a: '1' } }, { headers: { b: '1' } }), 1, 'routes[0] is for the same requests'],
    ['a port in a host', routes({ host: 'a.example:80' }), 0, 'no port'],
    ['an address without brackets', routes({ host: '::1' }), 0, 'in brackets'],
    ['brackets around no address', routes({ host: '[::g]' }), 0, 'none of IPv6'],
    ['a star in the middle', routes({ host: 'a.*.example' }), 0, 'first labels alone'],
    ['a star alone', routes({ host: '*' }), 0, 'names none'],
    ['an empty label', routes({ host: 'a..b' }), 0, 'no name'],
    ['a name in umlauts', routes({ host: 'bücher.example' }), 0, 'xn--bcher-kva.example'],
    ['a path without a slash', routes({ path: 'api' }), 0, 'begins with "/"'],
    ['a query', routes({ path: '/a?b' }), 0, 'no query'],
    ['a dot segment', routes({ path: '/a/../b' }), 0, 'one reading'],
    ['an encoded slash', routes({ path: '/a%2fb' }), 0, 'one reading'],
    ['a control byte', routes({ path: '/a%00' }), 0, 'one reading'],
    ['no method at all', routes({ methods: [] }), 0, 'for no request'],
    ['a method in small letters', routes({ methods: ['get'] }), 0, 'capitals'],
    ['a header that is no name', routes({ headers: { 'a b': '1' } }), 0, 'no name of a header'],
  ])('for %s', (_what, list, index, message) => {
    expect(routeProblems(list)).toMatchObject([{ index, message: expect.stringContaining(message) }])
    expect(() => createRouter(list)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_PROXY_ROUTES', message: expect.stringContaining(`routes[${index}].`) }),
    )
  })

  it('with every problem at once', () => {
    expect(routeProblems(routes({ host: '*' }, '/a', { path: 'b' }, '/a')).map(({ index }) => index)).toEqual([0, 2, 3])
  })
})

describe('what no route is for', () => {
  const list = routes('a.example/x', '*.b.example')
  it.each([
    ['another host', 'c.example', '/x'],
    ['the name below which a wildcard begins', 'b.example', '/'],
    ['a host that only ends like it', 'ab.example', '/'],
    ['an empty label in front', '.b.example', '/'],
    ['a path that only begins with the same letters', 'a.example', '/xy'],
    ['the same path in other letters', 'a.example', '/X'],
    ['no host', '', '/x'],
  ])('is %s', (_what, host, path) => expect(where(list, host, path)).toBe('none'))
})

describe('the most specific route is taken, wherever it stands', () => {
  const list = routes(
    '/',
    '/api',
    '*.example.org',
    '*.shop.example.org/api',
    'www.shop.example.org/api/v1',
    'www.shop.example.org/api',
    '[2001:db8::1]',
  )
  it.each([
    ['www.shop.example.org', '/api/v1/x?y=/z', 'www.shop.example.org/api/v1'],
    ['WWW.Shop.Example.ORG.:8080', '/api/v12', 'www.shop.example.org/api'],
    ['www.shop.example.org', '/api/', 'www.shop.example.org/api'],
    ['www.shop.example.org', '/other', '*.example.org'],
    ['a.b.shop.example.org', '/api/v1', '*.shop.example.org/api'],
    ['a.b.shop.example.org', '/', '*.example.org'],
    ['example.org', '/api', '/api'],
    ['', '/apix', '/'],
    ['[2001:DB8:0:0:0:0:0:1]:443', '/', '[2001:db8::1]'],
  ])('%s %s', (host, path, expected) => {
    expect(where(list, host, path)).toBe(expected)
    expect(where(list.toReversed(), host, path)).toBe(expected)
  })

  it('and among equal places, the one with more conditions that hold', () => {
    const conditions = routes('/', { methods: ['GET'] }, { headers: { 'X-Beta': '1' }, methods: ['GET'] }, { path: '/x', methods: ['PUT'] })
    expect(where(conditions, '', '/x')).toBe(conditions[1]?.to)
    expect(where(conditions, '', '/x', { method: 'HEAD' })).toBe(conditions[1]?.to)
    expect(where(conditions, '', '/x', { headers: { 'x-beta': '1' } })).toBe(conditions[2]?.to)
    expect(where(conditions, '', '/x', { headers: { 'x-beta': '2' }, method: 'POST' })).toBe('/')
    expect(where(conditions, '', '/x', { method: 'PUT' })).toBe(conditions[3]?.to)
  })
})

describe('a path that servers read in different ways', () => {
  const list = routes('/', '/admin')
  it.each([
    '/x/../admin',
    '/./admin',
    '/x/%2e%2e/admin',
    '/%2e/admin',
    '//admin',
    '/x//../admin',
    String.raw`/\admin`,
    String.raw`/x\..\admin`,
    '/admin;a',
    '/admin;a=b/x',
    '/x/..;/admin',
    '/x%2f..%2fadmin',
    '/admin%2fx',
    '/%2561dmin',
    '/x/%252e%252e/admin',
    '/%252fadmin',
    '/admin%00',
    '/admin%0a',
    '/admin#',
    '/admin#/../x',
    '/admin%c0%af',
    '/%c0%ae%c0%ae/admin',
    '/%e0%80%af/admin',
    '/%25c0%25afadmin',
    '/admin/../x',
    '/admin/..%2f',
    `/${'a/../'.repeat(1_000)}admin`,
    String.raw`/a//b;c%2fd%5ce\f/../%252fg;h//../i`,
  ])('and that might belong to another route is unclear: %s', (path) => expect(where(list, 'h', path)).toBe('unclear'))

  it.each([
    ['/%61dmin', '/admin'],
    ['/%61%64min/x', '/admin'],
    ['/admin/a;b', '/admin'],
    ['/admin/a//b', '/admin'],
    ['/admin/x/../y', '/admin'],
    ['/admin/%2fetc', '/admin'],
    ['/wiki//x', '/'],
    ['/shop/page.jsp;jsessionid=1', '/'],
    ['/caf%C3%A9', '/'],
    ['/100%2525', '/'],
    ['/.well-known/x', '/'],
    ['/a?b=//admin/../%2e', '/'],
    ['/ADMIN', '/'],
  ])('and that belongs to one route in each of them is served: %s', (path, expected) => expect(where(list, 'h', path)).toBe(expected))

  it('is nobody’s matter where no route looks at paths', () => {
    expect(where(routes('a.example'), 'a.example', '/x/../y#')).toBe('a.example')
  })

  it('is looked at in its own host alone', () => {
    expect(where(routes('a.example/x', 'b.example'), 'b.example', '//x')).toBe('b.example')
  })

  it('compares a path beyond ASCII by its bytes', () => {
    expect(where(routes('/café'), '', '/caf%c3%a9/x')).toBe('/café')
  })

  it('and a host with escapes, unless hosts make no difference', () => {
    expect(where(routes('/', 'admin.example'), '%61dmin.example')).toBe('unclear')
    expect(where(routes('/'), '%61dmin.example')).toBe('/')
  })
})

/** How servers read a path, each in its own words and not in ours. */
const SERVERS: Readonly<Record<string, (path: string) => string>> = {
  'a URL parser of browsers': (path) => decodeAll(new URL(`http://h${path}`).pathname),
  'posix paths': (path) => posix.normalize(decodeAll(path)),
  'slashes merged, then dots (nginx)': (path) => dots(decodeAll(path).replaceAll(/\/+/g, '/')),
  'dots, then slashes merged (old Apache)': (path) => dots(decodeAll(path)).replaceAll(/\/+/g, '/'),
  'parameters off, then decoded, then dots (Tomcat)': (path) => dots(decodeAll(path.replaceAll(/;[^/]*/g, ''))),
  'backslashes as slashes': (path) => dots(decodeAll(path).replaceAll('\\', '/')),
  'decoded twice': (path) => dots(decodeAll(decodeAll(path))),
  'dots before escapes': (path) => decodeAll(dots(path)),
}

function decodeAll(path: string): string {
  return path.replaceAll(/%([\da-f]{2})/gi, (_escape, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

function dots(path: string): string {
  const kept: string[] = []
  for (const segment of path.split('/').slice(1)) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  }
  return `/${kept.join('/')}`
}

const piece = fc.constantFrom(
  '/',
  '//',
  '.',
  '..',
  'admin',
  'a',
  'x',
  ';',
  ';a',
  '\\',
  '%2e',
  '%2F',
  '%5c',
  '%61',
  '%25',
  '%252f',
  '%252e',
  '%3b',
  '%20',
)
const hostilePath = fc.array(piece, { minLength: 1, maxLength: 9 }).map((pieces) => `/${pieces.join('')}`)

it.each(Object.keys(SERVERS))('never does a path reach a route that another server would not look for it in: %s', (name) => {
  const list = routes('/', '/admin', '/admin/x', '/a', '/x/a')
  const router = createRouter(list)
  const of = (path: string) => {
    const found = router.find({ method: 'GET', headers: {}, path })
    return found.kind === 'route' ? found.index : found.kind
  }
  /** By its letters alone: what the server means is clear. */
  const meant = (path: string) => {
    const fits = list
      .map(({ path: prefix = '/' }, index) => ({ prefix, index }))
      .filter(({ prefix }) => prefix === '/' || path === prefix || path.startsWith(`${prefix}/`))
    return fits.toSorted((one, other) => other.prefix.length - one.prefix.length)[0]?.index
  }
  let served = 0
  fc.assert(
    fc.property(hostilePath, (path) => {
      const found = of(path)
      if (found === 'unclear') return
      served += 1
      expect([path, found]).toEqual([path, meant(SERVERS[name]!(path))])
    }),
    { numRuns: 5_000 },
  )
  expect(served).toBeGreaterThan(100)
})

it('finds what looking at each route in turn would find', () => {
  const label = fc.constantFrom('a', 'b', 'c')
  const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'))
  const host = fc.option(fc.tuple(fc.boolean(), name), { nil: undefined }).map((each) => each && `${each[0] ? '*.' : ''}${each[1]}`)
  const path = fc.array(label, { maxLength: 3 }).map((segments) => `/${segments.join('/')}`)
  const fits = (pattern: string | undefined, asked: string) =>
    !pattern || (pattern.startsWith('*.') ? asked.endsWith(pattern.slice(1)) && asked.length >= pattern.length : asked === pattern)
  const rank = ({ host: pattern, path: prefix = '/' }: Named) =>
    (pattern === undefined ? 0 : pattern.startsWith('*') ? 1_000 * pattern.length : 1_000_000) + (prefix === '/' ? 0 : prefix.length)
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(host, path), { selector: String, maxLength: 12 }), name, path, (list, asked, target) => {
      const written = list.map(([pattern, prefix]): Named => ({
        ...(pattern === undefined ? {} : { host: pattern }),
        path: prefix,
        to: `${pattern} ${prefix}`,
      }))
      const matching = written.filter(
        (route) => fits(route.host, asked) && (route.path === '/' || target === route.path || target.startsWith(`${route.path}/`)),
      )
      const best = matching.toSorted((one, other) => rank(other) - rank(one))[0]
      expect(where(written, asked, target)).toBe(best?.to ?? 'none')
    }),
    { numRuns: 2_000 },
  )
})
