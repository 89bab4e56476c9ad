/** What each code means and what to do about it; the build fails when a code is missing here, or is gone from the sources. */
export const errorMeanings: Readonly<Record<string, string>> = {
  HOTSPARE_ALERT_OPTIONS: 'An option of the alerter or of a channel cannot work. The message names it.',
  HOTSPARE_ALERT_STOPPED: 'The alerter was started after it had been stopped. Create a new one.',
  HOTSPARE_API_ANSWER: 'What answered at that address is no Hotspare, or its answer is larger than any of ours. Check the URL.',
  HOTSPARE_API_OPTIONS: 'An option of the client cannot work. The message names it.',
  HOTSPARE_API_REFUSED:
    'The daemon said no, and the message says why: no such target, a token is needed. Worth another try only for a status of 500 or more.',
  HOTSPARE_API_UNREACHABLE: 'Nobody answered in time at the URL of the daemon. Is `hotspare run` running there?',
  HOTSPARE_APP_CAPACITY:
    'The other nodes could not carry what would leave this one; the message has the figures, and `--force` does it all the same.',
  HOTSPARE_APP_CLUSTER:
    'The part of the daemon that runs the cluster could not do what it was asked, or answered something else: look into its log.',
  HOTSPARE_APP_DEMO: 'The demo could not be brought up; the message says which part, and where its log is.',
  HOTSPARE_APP_HANDOVER:
    'A worker whose guard has died cannot be asked for its ports, since the folder for that is not its own alone. It ends by itself after ten minutes.',
  HOTSPARE_APP_LISTEN: 'The API cannot listen on its address: in use, not of this machine, or not allowed.',
  HOTSPARE_APP_MATRIX:
    'A thread of `check --matrix` ended before its work was done, as for lack of memory. Nothing was wrong with the file.',
  HOTSPARE_APP_PROCESS: 'A process of the daemon could not be started, or ended before it was at work. The message says which, and how.',
  HOTSPARE_APP_REHEARSAL: 'Something in a rehearsal did not come up, or came to no rest. The message says what, and what it wrote last.',
  HOTSPARE_APP_REPORT: 'A job has reported to a check that looks for itself: reports are for checks of type `push`.',
  HOTSPARE_APP_SOCKETS: 'This Node cannot bind a port for another process. Use another version of Node; the message says which.',
  HOTSPARE_APP_STATE:
    'The folder in which a hold and a maintenance are kept cannot be made or written. Give it to the user that runs Hotspare, or set `cluster.state`.',
  HOTSPARE_APP_TIMELINE: 'The daemon ended while somebody followed its timeline.',
  HOTSPARE_APP_USAGE: 'A value on the command line cannot be used.',
  HOTSPARE_BALANCE_OPTIONS: 'A pool was asked for something that it cannot be or do. The message names the target and the value.',
  HOTSPARE_DNS_LISTEN: 'The embedded name server cannot listen on its address: in use, not of this machine, or not allowed.',
  HOTSPARE_DNS_OPTIONS: 'An option of a zone, of a record or of what keeps it cannot work. The message names it.',
  HOTSPARE_DNS_SERIAL:
    'A change of a zone of PowerDNS would not move its serial, so that no secondary would ever hear of it. Set its soa_edit_api, or let the driver do it (`whenSerialStands`).',
  HOTSPARE_DNS_STOPPED:
    'A zone was asked after it had been closed, or the embedded name server started after it had been stopped. Open a new one.',
  HOTSPARE_DNS_UNSUPPORTED:
    'The provider of a zone cannot have what was asked of it: a type, a TTL, so many values, several sets in one step. Nobody was asked; the message says which.',
  HOTSPARE_DNS_VALUE: 'A text is no name or no value of its type, or a set would be without values. The message shows it.',
  HOTSPARE_DNS_ZONE:
    'The embedded name server does not have that zone, or its records could not be served together: a CNAME beside others, a name of another zone, an answer larger than a message. Nothing has changed; the message says which.',
  HOTSPARE_HEARTBEAT_CHANNEL_BODY: 'A request to a peer, or the answer to one, is no JSON or is larger than a message may be.',
  HOTSPARE_HEARTBEAT_CHANNEL_BUSY: 'Too many requests wait for that peer already, or too many bytes. It was not sent; try again later.',
  HOTSPARE_HEARTBEAT_CHANNEL_CANCELLED:
    'The reason with which a handler is ended when the peer no longer wants its answer. Nobody else sees it.',
  HOTSPARE_HEARTBEAT_CHANNEL_LISTEN: 'The peer channel cannot listen on its address: in use, not of this machine, or not allowed.',
  HOTSPARE_HEARTBEAT_CHANNEL_LOST:
    'The connection to a peer was lost while a request was under way. Whether the peer has acted on it is unknown.',
  HOTSPARE_HEARTBEAT_CHANNEL_OPTIONS: 'An option of the peer channel cannot work. The message names it.',
  HOTSPARE_HEARTBEAT_CHANNEL_ORPHANED:
    'The reason with which a handler is ended when the connection of its request was lost. Nobody else sees it.',
  HOTSPARE_HEARTBEAT_CHANNEL_REFUSED: 'A peer has no such method, or its handler failed. The message is the one of the peer.',
  HOTSPARE_HEARTBEAT_CHANNEL_STOPPED: 'The peer channel was stopped. Create a new one.',
  HOTSPARE_HEARTBEAT_CHANNEL_UNREACHABLE:
    'There is no connection to that peer, and the request was not sent. A first connection is waited for; a peer that is known not to answer is not.',
  HOTSPARE_CLOUD_BUSY:
    'An API could not do it now: something else changes the same thing, or its operation has ended badly. It is tried again.',
  HOTSPARE_CLOUD_CREDENTIALS:
    'An API does not believe the credentials, or the machine has none. After a pause it is asked again; give it others.',
  HOTSPARE_CLOUD_LIMITED: 'An API has had too many calls, from whomever. It is left alone for a while.',
  HOTSPARE_CLOUD_REFUSED:
    'An API said no: a right is missing, or there is no such thing. The message has its words. Nothing but a change by people helps.',
  HOTSPARE_CLOUD_UNAVAILABLE: 'No usable answer came from an API. Whether the call has worked is unknown; the next look finds out.',
  HOTSPARE_CONFIG_CERTIFICATE: 'A file of a certificate that a proxy is to show cannot be read. The message names it.',
  HOTSPARE_CONFIG_INVALID: 'The configuration cannot be used. The message lists every problem with file, line and column.',
  HOTSPARE_CORE_ABORTED: 'A wait was ended by its signal, with a reason that is no error itself.',
  HOTSPARE_CORE_DURATION: 'A text is no duration. Write a number and a unit: 500ms, 30s, 10m, 1h.',
  HOTSPARE_CORE_PLAN:
    'A step of a plan has no command for people, no verification or no time. The message names the step: a bug of whoever gave the instructions.',
  HOTSPARE_CORE_SIMULATION: 'A test asked a simulation for a time that is no number, or sets timers so that time cannot pass.',
  HOTSPARE_CORE_TEST_CLOCK: 'A test asked the test clock for something that time does not do, such as going back.',
  HOTSPARE_CORE_TIMEOUT: 'Something did not answer within its deadline. The message says what, and how long it had.',
  HOTSPARE_CORE_UNREACHABLE: 'A case that the code does not know: a bug of Hotspare, or an object that was not made by its types.',
  HOTSPARE_DNS_WIRE_ANSWER:
    'A name server has answered something else than what was asked, or nothing that can be read. The message says what.',
  HOTSPARE_DNS_WIRE_CLOSED: 'The DNS client was closed. Create a new one.',
  HOTSPARE_DNS_WIRE_NO_ANSWER:
    'A name server was asked and has not answered in time, or has closed the connection before. Whether it has done an update is unknown.',
  HOTSPARE_DNS_WIRE_OPTIONS: 'An option of the DNS client cannot work. The message names it.',
  HOTSPARE_DNS_WIRE_PARSE: 'Bytes are no DNS message. The message says what is wrong with them.',
  HOTSPARE_DNS_WIRE_SIGNATURE:
    'An answer is not signed as it has to be (TSIG), so it is not believed, and whether an update was done is unknown. Compare name, algorithm and secret of the key on both sides, and the clocks.',
  HOTSPARE_DNS_WIRE_TEST_SERVER: 'A name server that a test has started did not come up. The message has the end of its log.',
  HOTSPARE_DNS_WIRE_UNREACHABLE: 'No name server answers at that address. Nothing was asked, and nothing was changed.',
  HOTSPARE_DNS_WIRE_VALUE: 'A name, a value or a message cannot be written as DNS has it. The message names it.',
  HOTSPARE_FAILOVER_MESSAGE: 'What another node said to the engine cannot be read: it runs another version, or is no Hotspare.',
  HOTSPARE_FAILOVER_OPTIONS: 'An option of the failover engine cannot work. The message names it.',
  HOTSPARE_FAILOVER_SCHEDULE: 'What was given to the simulator to be run again is no schedule. The message names what is wrong with it.',
  HOTSPARE_FAILOVER_STOPPED: 'The failover engine was started after it had been stopped. Create a new one.',
  HOTSPARE_FAILOVER_UNKNOWN_SERVICE:
    'The failover engine was asked about a service that this node has no part in. The message lists those that it has.',
  HOTSPARE_FENCE_OPTIONS: 'An option of a fence agent, of its levels or of the watchdog cannot work. The message names it.',
  HOTSPARE_FENCE_WATCHDOG:
    'The watchdog cannot be opened, or does not take the timeout that is wanted: no driver is loaded, somebody else has it, no permission. The message says which.',
  HOTSPARE_HEALTH_ABORTED:
    'The reason with which a probe in flight is ended when its target is removed, the monitor stops, or a composed probe is certain without it. Your own probe sees it in its signal.',
  HOTSPARE_HEALTH_AGENT_LISTEN: 'The agent server cannot listen on its address: in use, not of this machine, or not allowed.',
  HOTSPARE_HEALTH_DUPLICATE: 'Two targets with the same id were given to one monitor.',
  HOTSPARE_HEALTH_OPTIONS: 'An option of the monitor or of a probe cannot work. The message names it.',
  HOTSPARE_HEARTBEAT_COUNTER:
    'The file that keeps the counter of the heartbeat cannot be read or written. The message says why, and what to do.',
  HOTSPARE_HEARTBEAT_LISTEN: 'None of the addresses of the heartbeat can be listened on: in use, not of this machine, or not allowed.',
  HOTSPARE_HEARTBEAT_OPTIONS: 'An option of the heartbeat cannot work; an empty list of peers is one. The message names it.',
  HOTSPARE_HEARTBEAT_UNKNOWN_PEER: 'The heartbeat, or the peer channel, was asked about a name that is none of its peers.',
  HOTSPARE_HEARTBEAT_PROCESS:
    'The process that the heartbeat runs in ended, did not come up, or was to be started inside another such process.',
  HOTSPARE_HEARTBEAT_STOPPED: 'The heartbeat was stopped. Create a new one: its session must be new.',
  HOTSPARE_LEASE_ENDED: 'The reason of the signal of a right that has ended: released, not renewed in time, or somebody else has it.',
  HOTSPARE_LEASE_IN_USE: 'A lease was asked for twice by one process, which holds or awaits it already.',
  HOTSPARE_LEASE_OPTIONS: 'An option of a lease, a register or a witness cannot work. The message names it.',
  HOTSPARE_LEASE_RECORD: 'Under the name of the lease something else is kept. Use another name, or delete it while nobody holds the lease.',
  HOTSPARE_LEASE_REFUSED: 'The register does not allow it: credentials, permissions, or no room for another lease.',
  HOTSPARE_LEASE_REGISTER:
    'The register has not answered, or not in a way that is understood. Whether a write has arrived is unknown; the lease asks again.',
  HOTSPARE_LEASE_STOPPED: 'The lease was stopped. Create a new one.',
  HOTSPARE_LEASE_TIMING: 'The times of a lease do not fit together. The message shows the chain, and which link is broken.',
  HOTSPARE_LEASE_WITNESS_FILE: 'The file of the witness is damaged, in use, or cannot be written. The message says what to do.',
  HOTSPARE_LEASE_WITNESS_LISTEN: 'The witness cannot listen on its address: in use, not of this machine, or not allowed.',
  HOTSPARE_LEASE_WITNESS_STOPPED: 'The witness was stopped. Create a new one.',
  HOTSPARE_PROXY_ABANDONED: 'The reason with which the proxy itself ends an attempt that it has taken back. Nobody else sees it.',
  HOTSPARE_PROXY_CERTIFICATE:
    "A certificate cannot be shown to clients: it is none, its key is another one's, or it is not valid now. The message names it; the one before stays.",
  HOTSPARE_PROXY_ENGINE_ANSWER:
    'The runtime API of HAProxy has given an answer that is too long, or has broken off. Nobody but the package itself sees it.',
  HOTSPARE_PROXY_ENGINE_FILE: 'The file of an nginx upstream is far too large to be one. Nobody but the package itself sees it.',
  HOTSPARE_PROXY_ENGINE_MEMBERS:
    'A member that an engine (HAProxy, nginx) is to have cannot be: its name, address, weight or state. The message names it.',
  HOTSPARE_PROXY_LISTEN: 'The proxy cannot listen on its address: in use, not of this machine, or not allowed.',
  HOTSPARE_PROXY_SERVER_NAME:
    'The reason with which a handshake ends that asks for a server that no certificate is for. Nobody else sees it.',
  HOTSPARE_PROXY_ROUTES: 'A list of routes cannot work: one of them is none, or two are for the same requests. The message names it.',
  HOTSPARE_PROXY_STOPPED: 'A proxy cannot be started again once it has been stopped. Create a new one.',
  HOTSPARE_PROXY_OPTIONS: 'An option of the proxy cannot work. The message names it.',
  HOTSPARE_RUNBOOK_OPTIONS: 'A runbook was asked for that people could not follow. The message names what is missing, or cannot be typed.',
  HOTSPARE_VIP_BIRD: 'BIRD could not be asked by its control socket, or answered as BIRD does not. The message says where, and why.',
  HOTSPARE_VIP_KEEPALIVED:
    'keepalived could not be told or heard: its folder, its FIFO, or the signal for a reload. The message says which.',
  HOTSPARE_VIP_OPTIONS: 'An option of a virtual address cannot work. The message names it.',
  HOTSPARE_VIP_PERMISSION:
    'The process may not change addresses or send raw frames. Run it as root, or give its systemd unit AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW.',
  HOTSPARE_VIP_RELEASED: 'The reason with which a claim is ended when the address is released meanwhile. It comes back as an outcome.',
  HOTSPARE_VIP_STOPPED: 'The virtual address was stopped. Create a new one.',
  HOTSPARE_VIP_SYSTEM: 'The kernel, or a command in its place, has refused something. The message says what, and why.',
  HOTSPARE_VIP_UNAVAILABLE:
    'Virtual addresses cannot be driven on this machine: it is no Linux, or both koffi and the commands of iproute2 and nftables are missing.',
  HOTSPARE_VRRP_CAPTURE: 'The kernel has refused something that the capture of adverts needs. The message says what, and why.',
  HOTSPARE_VRRP_CONFIG:
    'The file of keepalived cannot be read. What is wrong inside of it, or in files that it includes, is no error but a note.',
  HOTSPARE_VRRP_INTERFACE:
    'There is no such interface to capture adverts on. On a machine that is no node, name the one that leads to the routers.',
  HOTSPARE_VRRP_OPTIONS: 'An option of the capture of adverts cannot work. The message names it.',
  HOTSPARE_VRRP_PERMISSION: 'This process may not capture frames: run it as root, or give it CAP_NET_RAW and nothing else.',
  HOTSPARE_VRRP_UNAVAILABLE: 'Adverts cannot be captured on this machine: it is no Linux, it is big-endian, or koffi is missing.',
}
