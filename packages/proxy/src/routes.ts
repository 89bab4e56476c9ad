export { redirectAnswer, problemOfRedirect } from './routes/redirect.ts'
export type { Redirect, RedirectStatus, RedirectTo, RedirectToHttps } from './routes/redirect.ts'
export { createRouter, routeProblems } from './routes/router.ts'
export type { Route, RoutedRequest, RouteFound, RouteProblem, Router } from './routes/types.ts'
