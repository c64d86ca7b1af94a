/** The file that starts the bot, for its author to complete. It is valid JavaScript and TypeScript. */
export function driverFile(testFile: string): string {
  return `// How ${testFile} starts your bot. This file is yours: generate-tests writes it once, and never again.
import { spawnBot } from 'matrix-auth-machine/testing';

export const bot = {
  // The command that starts your bot, in whatever language: spawnBot('python3', ['bot.py']). It finds its account in the environment:
  // HOMESERVER_URL, MATRIX_USERNAME, MATRIX_PASSWORD, ACCESS_TOKEN, MATRIX_REFRESH_TOKEN, MATRIX_DEVICE_ID.
  // It is in a room with the person who asks. It is stopped with SIGTERM.
  ...spawnBot('node', ['bot.js']),

  // The message that your bot answers; the id is different each time. An answer is a reply to that
  // message, or one that holds its text. If your bot answers in another way, say how with isAnswer.
  question: (id${isTypeScript(testFile) ? ': string' : ''}) => \`Are you there? (\${id})\`,

  // How long an answer may take, in milliseconds.
  patienceMs: 20_000,
};
`;
}

function isTypeScript(file: string): boolean {
  return /\.m?ts$/.test(file);
}
