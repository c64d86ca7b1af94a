// What runs in another process: told by its arguments, reports by messages.
import { type Place, storeAt } from './place.ts';
import { rotate } from './records.ts';

const [placeText = '', command = '', name = '', times = '1'] = process.argv.slice(2);
const place: Place = JSON.parse(placeText);
const { store, close } = storeAt(place, command === 'hold' ? { claimLeaseMs: Number(times) } : {});
const alive = setInterval(() => {}, 1_000);

switch (command) {
  case 'rotate':
    for (let done = 0; done < Number(times); done += 1) await rotate(store, name);
    clearInterval(alive);
    await close();
    break;
  case 'hold':
    (await store.claim(name, { waitAtMostMs: 20_000 })).lost.addEventListener('abort', () => {
      process.send?.('lost');
    });
    process.send?.('holding');
    break;
  case 'claims':
    // Each time while nobody else has the claim.
    for (let done = 0; done < Number(times); done += 1) {
      const claim = await store.claim(name, { waitAtMostMs: 60_000 });
      const before = (await store.read(name, 'session'))?.session?.generation ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 2));
      if ((await rotate(store, name)) !== before + 1) throw new Error('Another had the claim as well.');
      await claim.release();
    }
    clearInterval(alive);
    await close();
    break;
  case 'watch':
    // It closes nothing, and is to end all the same.
    store.watch?.(name, () => clearInterval(alive));
    break;
  default:
    throw new Error(`There is no command ${command}.`);
}
