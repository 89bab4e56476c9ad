/** What each code means and what to do about it; the build fails when a code is missing here, or is gone from the sources. */
export const errorMeanings: Readonly<Record<string, string>> = {
  HOTSPARE_ALERT_OPTIONS: 'An option of the alerter or of a channel cannot work. The message names it.',
  HOTSPARE_ALERT_STOPPED: 'The alerter was started after it had been stopped. Create a new one.',
  HOTSPARE_API_ANSWER: 'What answered at that address is no Hotspare, or its answer is larger than any of ours. Check the URL.',
  HOTSPARE_API_OPTIONS: 'An option of the client cannot work. The message names it.',
  HOTSPARE_API_REFUSED:
    'The daemon said no, and the message says why: no such target, a token is needed. Worth another try only for a status of 500 or more.',
  HOTSPARE_API_UNREACHABLE: 'Nobody answered in time at the URL of the daemon. Is `hotspare run` running there?',
  HOTSPARE_APP_DEMO: 'The demo could not be brought up; the message says which part, and where its log is.',
  HOTSPARE_APP_LISTEN: 'The API cannot listen on its address: in use, not of this machine, or not allowed.',
  HOTSPARE_APP_TIMELINE: 'The daemon ended while somebody followed its timeline.',
  HOTSPARE_APP_USAGE: 'A value on the command line cannot be used.',
  HOTSPARE_BALANCE_OPTIONS: 'A pool was asked for something that it cannot be or do. The message names the target and the value.',
  HOTSPARE_CONFIG_INVALID: 'The configuration cannot be used. The message lists every problem with file, line and column.',
  HOTSPARE_CORE_ABORTED: 'A wait was ended by its signal, with a reason that is no error itself.',
  HOTSPARE_CORE_DURATION: 'A text is no duration. Write a number and a unit: 500ms, 30s, 10m, 1h.',
  HOTSPARE_CORE_TEST_CLOCK: 'A test asked the test clock for something that time does not do, such as going back.',
  HOTSPARE_CORE_TIMEOUT: 'Something did not answer within its deadline. The message says what, and how long it had.',
  HOTSPARE_CORE_UNREACHABLE: 'A case that the code does not know: a bug of Hotspare, or an object that was not made by its types.',
  HOTSPARE_HEALTH_ABORTED:
    'The reason with which a probe in flight is ended when its target is removed or the monitor stops. Your own probe sees it in its signal.',
  HOTSPARE_HEALTH_DUPLICATE: 'Two targets with the same id were given to one monitor.',
  HOTSPARE_HEALTH_OPTIONS: 'An option of the monitor or of a probe cannot work. The message names it.',
  HOTSPARE_PROXY_ABANDONED: 'The reason with which the proxy itself ends an attempt that it has taken back. Nobody else sees it.',
  HOTSPARE_PROXY_LISTEN: 'The proxy cannot listen on its address: in use, not of this machine, or not allowed.',
  HOTSPARE_PROXY_STOPPED: 'A proxy cannot be started again once it has been stopped. Create a new one.',
  HOTSPARE_PROXY_OPTIONS: 'An option of the proxy cannot work. The message names it.',
}
