import { type Observable, observe } from '../observe/index.ts';
import type { Listeners } from './listeners.ts';

/** Makes frames while somebody listens for them: a session that nobody watches works nothing out. */
export function tellFrames(auth: Observable, name: string, listeners: Listeners): void {
  listeners.feed('frame', () => {
    const observer = observe(auth, { name, keep: 1 });
    observer.subscribe((frame) => listeners.emit('frame', frame));
    return () => observer.stop();
  });
}
