import { botName, type Project } from '../project.ts';

/** What a bot needs besides this package. They fit the peers that it names. */
const versions = {
  'matrix-bot-sdk': '^0.8.0',
  'matrix-js-sdk': '^43.0.0',
  oauth4webapi: '^3.8.0',
  xstate: '^5.33.0',
} as const;

const toDevelop = { '@types/node': '^24.0.0', typescript: '>=5.9.0' } as const;

/** The commands of this package, with what is in `.env`. */
const command = (name: string) =>
  `node --env-file-if-exists=.env node_modules/matrix-auth-machine/dist/cli/main.js ${name}`;

export function packageFile(project: Project): string {
  const { name, sdk, language, version, hasOAuth } = project;
  const content = {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    engines: { node: '>=22.18' },
    scripts: {
      start: `node --env-file-if-exists=.env ${botName(project)}`,
      login: command('login --brief'),
      logout: command('logout'),
      doctor: command('doctor --store bot.db'),
      test: 'node --test',
      ...(language === 'typescript' ? { types: 'tsc' } : {}),
    },
    dependencies: {
      'matrix-auth-machine': `^${version}`,
      [sdk]: versions[sdk],
      ...(hasOAuth ? { oauth4webapi: versions.oauth4webapi } : {}),
      xstate: versions.xstate,
    },
    ...(language === 'typescript' ? { devDependencies: toDevelop } : {}),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

export const tsconfig = `${JSON.stringify(
  {
    compilerOptions: {
      target: 'es2024',
      module: 'nodenext',
      types: ['node'],
      strict: true,
      noEmit: true,
      erasableSyntaxOnly: true,
      skipLibCheck: true,
    },
    include: ['*.ts'],
  },
  undefined,
  2,
)}\n`;

/** What the bot is told by its environment. It holds no secret: the session is in the store. */
export function envFile({ homeserverUrl }: Project): string {
  return `# The homeserver's base URL, or its server name.
HOMESERVER_URL=${homeserverUrl ?? ''}
`;
}

export const gitignore = `node_modules/
.env
bot.db*
`;

export function readmeFile(project: Project): string {
  const { name, homeserverUrl } = project;
  const bot = botName(project);
  return `# ${name}

A Matrix bot. It joins every room it is invited to, and answers every text message; what it says is in \`${bot}\`. [matrix-auth-machine](https://www.npmjs.com/package/matrix-auth-machine) keeps it signed in.

\`\`\`sh
npm install
npm run login -- ${homeserverUrl ?? 'example.org'}   # once: the session is in bot.db, and renews itself
npm start
\`\`\`

\`.env\` says where the homeserver is${homeserverUrl === undefined ? ': put its address in' : ''}. \`npm run doctor\` says whether the bot will stay signed in, and what to do. \`npm test\` walks the bot through everything that can happen to its token, on a homeserver that comes with the package.

## In a container

\`\`\`sh
docker build -t ${name} .
docker run --rm -it --env-file .env -v ${name}:/data ${name} npx matrix-auth-machine login --store /data/bot.db
docker run -d --restart on-failure --env-file .env -v ${name}:/data --name ${name} ${name}
docker exec ${name} npx matrix-auth-machine doctor --store /data/bot.db
\`\`\`

## With systemd

Node.js has to be installed for the whole computer: the unit sees no home directory, and so no Node.js of nvm.

\`\`\`sh
sudo useradd --system ${name}
sudo cp -r . /opt/${name} && sudo rm -f /opt/${name}/bot.db*
sudo cp ${name}.service /etc/systemd/system/
sudo install -d -m 700 -o ${name} -g ${name} /var/lib/${name}
cd /opt/${name} && sudo -u ${name} npm run login -- --store /var/lib/${name}/bot.db
sudo systemctl enable --now ${name}
sudo -u ${name} npm run doctor -- --store /var/lib/${name}/bot.db
\`\`\`

A login in another place is one on the same device, and ends the session of the first. To move the session instead, stop the bot and move \`bot.db\`.
`;
}
