import { botFile, botTestFile } from './templates/bot.ts';
import { dockerfile, dockerignore, unitFile } from './templates/operation.ts';
import { envFile, gitignore, packageFile, readmeFile, tsconfig } from './templates/package.ts';

export type Sdk = 'matrix-js-sdk' | 'matrix-bot-sdk';
export type Language = 'typescript' | 'javascript';

/** What a new bot is to be. */
export interface Project {
  /** Of the package, the container and the service: lower case, digits and hyphens. */
  readonly name: string;
  readonly sdk: Sdk;
  readonly language: Language;
  /** The homeserver's base URL; `undefined`: it is not known yet. */
  readonly homeserverUrl: string | undefined;
  /** It has, or may have, OAuth 2.0, which a package is needed for. */
  readonly hasOAuth: boolean;
  /** Of this package. */
  readonly version: string;
}

/** The file that the bot is. */
export function botName({ language }: Project): string {
  return language === 'typescript' ? 'bot.ts' : 'bot.js';
}

/** The files of a new bot, by their names. */
export function projectFiles(project: Project): Readonly<Record<string, string>> {
  const bot = botName(project);
  return {
    [bot]: botFile(project),
    [bot.replace('.', '.test.')]: botTestFile(project),
    'package.json': packageFile(project),
    ...(project.language === 'typescript' ? { 'tsconfig.json': tsconfig } : {}),
    'README.md': readmeFile(project),
    '.env': envFile(project),
    '.gitignore': gitignore,
    Dockerfile: dockerfile(project),
    '.dockerignore': dockerignore,
    [`${project.name}.service`]: unitFile(project),
  };
}
