export {
  createFleet,
  devicesOf,
  type Fleet,
  type FleetOptions,
  fleetSchedule,
  type FleetTraffic,
  trafficOf,
} from './create-fleet.ts';
export type { FleetDevices } from './fleet-devices.ts';
export { SessionTurns } from './session-turns.ts';
export type { TurnKind } from './traffic.ts';
export {
  type SharedSession,
  type SharedSessions,
  shareSessions,
  type ShareSessionsOptions,
} from './share-sessions.ts';
