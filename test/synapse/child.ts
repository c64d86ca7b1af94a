import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';

/**
 * The shell between this process and its server. It holds the read end of a pipe from this process; at its end,
 * which comes however this process dies, it stops the server and removes the folder.
 */
const WATCHDOG = `
  folder=$1
  shift
  exec 3<&0
  "$@" </dev/null 3<&- &
  server=$!
  (
    read -r _ <&3
    : >"$folder/stopping"
    kill -TERM $server
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
      sleep 0.25
      kill -0 $server || exit
    done
    kill -KILL $server
  ) 2>/dev/null &
  watchdog=$!
  wait $server
  code=$?
  kill $watchdog 2>/dev/null
  if [ -e "$folder/stopping" ]; then rm -rf "$folder"; fi
  exit $code`;

export interface GuardedChild {
  /** Whether the server's process has ended. */
  readonly ended: () => boolean;
  /** Ends it: SIGTERM, after five seconds SIGKILL; resolves when it is gone and its folder is removed. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a server which cannot outlive this process, not even when this process is killed by SIGKILL.
 * `folder` is the server's own: it is removed when the server is stopped, and kept when it ends by itself.
 */
export function spawnGuarded(
  folder: string,
  command: string,
  args: readonly string[],
  options: { readonly env: Readonly<Record<string, string>>; readonly logFile: string },
): GuardedChild {
  const log = openSync(options.logFile, 'a');
  const child = spawn('sh', ['-c', WATCHDOG, 'watchdog', folder, command, ...args], {
    cwd: folder,
    // A Ctrl-C in the terminal is for this process, which then stops its server in its own time.
    detached: true,
    env: options.env,
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  let hasEnded = false;
  const ended = once(child, 'exit').then(() => {
    hasEnded = true;
  });
  // The pipe breaks when the server ends by itself: nothing is written to it.
  child.stdin?.on('error', () => {});
  return {
    ended: () => hasEnded,
    stop: async () => {
      child.stdin?.end();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
