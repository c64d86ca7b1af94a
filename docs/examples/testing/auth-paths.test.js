import { describeAuthPaths, spawnBot } from 'matrix-auth-machine/testing';
import { describe, it } from 'vitest';

describeAuthPaths({
  vitest: { describe, it },
  ...spawnBot('node', ['bot.js']),
  concurrent: true,
});
