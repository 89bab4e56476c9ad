export { createPeerChannel } from './channel/runner.ts'
export type { PeerChannel, PeerChannelSnapshot, PeerRequestOptions } from './channel/runner.ts'
export { channelDefaults } from './channel/defaults.ts'
export type {
  CloseReason,
  ConnectionsRefused,
  FingerprintAgrees,
  FingerprintDiffers,
  PeerChannelEvent,
  PeerConnected,
  PeerDisconnected,
  PeerLeft,
  PeerProcessGone,
  PeerProcessReplaced,
  PeerRefused,
  PeerRefusedReason,
} from './channel/events.ts'
export type { ClusterSecret } from './schema-parts.ts'
export type { ChannelPeer, PeerChannelLimits, PeerChannelOptions, PeerHandler, PeerRequestContext } from './channel/options.ts'
export type { ChannelPeerSnapshot, PeerCounters } from './channel/peer-snapshot.ts'
export type { PeerProcess } from './channel/peer-machine.ts'
export type { ImpostorReason, StrangerReason } from './channel/secure.ts'
export type { ProtocolRange } from './channel/frame.ts'
