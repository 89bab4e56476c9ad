/** One route: which requests it is for, and what it leads to. */
export interface Route<To> {
  /**
   * `shop.example.org`; `*.example.org` is every name below it, with one label or more, but not `example.org` itself;
   * `[2001:db8::1]`. Names in punycode, as clients send them. No port: a proxy listens on one. Default: every host
   */
  readonly host?: string | undefined
  /** `/api`: the paths `/api` and `/api/...`, not `/apix`. Default: `/`, which is every path */
  readonly path?: string | undefined
  /** `GET` is HEAD as well. Default: every method */
  readonly methods?: readonly string[] | undefined
  /** Values that headers of the request must have, to the letter. Default: none */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly to: To
}

/** What a router looks at; a `PickRequest` of the proxy fits. */
export interface RoutedRequest {
  readonly method: string
  /** Name or address, port or not. */
  readonly host?: string | undefined
  /** As the client wrote it, with its query. */
  readonly path?: string | undefined
  /** By name in lower case; read only where a route has conditions on them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

export type RouteFound<To> =
  | { readonly kind: 'route'; readonly route: Route<To>; readonly index: number }
  | { readonly kind: 'none' }
  /** Servers would read the request differently, and it would belong to different routes: it is to be refused. */
  | { readonly kind: 'unclear'; readonly because: string }

export interface Router<To> {
  find(request: RoutedRequest): RouteFound<To>
}

/** What is wrong with a list of routes. */
export interface RouteProblem {
  /** Of the route in the list. */
  readonly index: number
  readonly key: 'host' | 'path' | 'methods' | 'headers'
  readonly message: string
  /** The route that it collides with. */
  readonly other?: number | undefined
}
