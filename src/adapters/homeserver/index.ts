export { type HomeserverAddress, HomeserverAddressError, parseHomeserverAddress } from './address.ts';
export { readRejection } from './answers.ts';
export { type Discovery, discoverHomeserver } from './discovery.ts';
export { proxyNote } from './env-proxy.ts';
export { createHomeserver } from './homeserver.ts';
export {
  clockTime,
  type TroubleCode,
  troubleAdvice,
  troubleCodes,
  troubleIn,
} from './trouble.ts';
