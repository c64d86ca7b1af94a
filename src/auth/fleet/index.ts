export {
  createFleet,
  type Fleet,
  type FleetOptions,
  fleetSchedule,
  type FleetTraffic,
  trafficOf,
} from './create-fleet.ts';
export { SessionTurns } from './session-turns.ts';
export {
  type SharedSession,
  type SharedSessions,
  shareSessions,
  type ShareSessionsOptions,
} from './share-sessions.ts';
