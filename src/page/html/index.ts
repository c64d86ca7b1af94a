export { botPage } from './bot.ts';
export { fleetPage } from './fleet.ts';
export { missingPage, signInPage } from './plain.ts';
