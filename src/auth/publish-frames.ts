import { type Observable, observe } from '../observe/index.ts';
import type { Listeners } from './listeners.ts';

/** Publishes frames while somebody listens for them. */
export function publishFrames(auth: Observable, name: string, listeners: Listeners): void {
  listeners.feed('frame', () => {
    const observer = observe(auth, { name, keep: 1 });
    observer.subscribe((frame) => listeners.emit('frame', frame));
    return () => observer.stop();
  });
}
