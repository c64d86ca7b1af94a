#!/usr/bin/env node
import { runCli } from './run-cli.ts';
import { oneLine } from './words.ts';

// The reader of a pipe may close it, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// Node's warnings of its own features are of no use to whoever runs a command.
process.removeAllListeners('warning');

const fail = (error: unknown) => {
  process.stderr.write(`error: ${oneLine(String(error))}. Please report it, with the command.\n`);
  process.exit(1);
};
// A module that is loaded may throw later, too.
process.on('uncaughtException', fail);

// Not awaited: a module that waits for ever would make Node print a warning of its own.
runCli(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
}, fail);
