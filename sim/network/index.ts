/**
 * The virtual network, with the same two channels and the same rules of connection as node/net.
 *
 * @example
 * const network = new Network({ clock, seed, nodes: 3, founders: 3, weather, ...handlers });
 * network.connections.start(0);
 * network.send(0, 1, 'control', new WireFrame(message, null, sender), clock.nowMs);
 */
export type { ActiveFault, LinkFault } from './conditions.ts';
export type { ChannelName } from './connection.ts';
export { type OpenedFrame, type Sender, WireFrame } from './frame.ts';
export { meet, type Parting, type Visitor } from './meeting.ts';
export { Network, type Tally } from './network.ts';
export type { Weather } from './weather.ts';
