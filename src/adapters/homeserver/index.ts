export { readRejection } from './answers.ts';
export {
  discoverHomeserver,
  type HomeserverAddress,
  HomeserverAddressError,
  parseHomeserverAddress,
} from './discovery.ts';
export { createHomeserver } from './homeserver.ts';
export { localpartOf, namesUser } from './user-identifier.ts';
