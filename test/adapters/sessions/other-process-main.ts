// What runs in another process: told by its arguments, reports by messages.
import { type Place, storeAt } from './place.ts';
import { rotate } from './records.ts';

const [placeText = '', command = '', name = '', times = '1'] = process.argv.slice(2);
const place: Place = JSON.parse(placeText);
const { store, close } = storeAt(place);
const alive = setInterval(() => {}, 1_000);

switch (command) {
  case 'rotate':
    for (let done = 0; done < Number(times); done += 1) await rotate(store, name);
    clearInterval(alive);
    await close();
    break;
  case 'hold':
    await store.transact(name, () => {
      process.send?.('holding');
      return new Promise<never>(() => {});
    });
    break;
  case 'watch':
    // It closes nothing, and is to end all the same.
    store.watch?.(name, () => clearInterval(alive));
    break;
  default:
    throw new Error(`There is no command ${command}.`);
}
