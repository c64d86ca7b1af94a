export { type HomeserverAddress, HomeserverAddressError, parseHomeserverAddress } from './address.ts';
export { readRejection } from './answers.ts';
export { type Device, listDevices, removeDevices } from './devices.ts';
export { type Discovery, discoverHomeserver } from './discovery.ts';
export { proxyNote } from './env-proxy.ts';
export { createHomeserver } from './homeserver.ts';
export { createHomeserverOffers, type OAuthOffer } from './offers.ts';
export {
  clockTime,
  type TroubleCode,
  troubleAdvice,
  troubleCodes,
  type TroubleDetail,
  troubleIn,
} from '../http/index.ts';
