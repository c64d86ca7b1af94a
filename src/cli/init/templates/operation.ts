import { botName, type Project } from '../project.ts';

export function dockerfile(project: Project): string {
  return `FROM node:24-slim
WORKDIR /bot
COPY package*.json ./
RUN npm install --omit=dev --no-audit --no-fund
COPY ${botName(project)} ./

# The session is in the volume, and nothing else is.
RUN install -d -m 700 -o node -g node /data
VOLUME /data
ENV BOT_STORE=/data/bot.db
USER node
CMD ["node", "${botName(project)}"]
`;
}

export const dockerignore = `node_modules
bot.db*
.env
.git
`;

export function unitFile(project: Project): string {
  const { name } = project;
  return `[Unit]
Description=Matrix bot ${name}
Wants=network-online.target
After=network-online.target

[Service]
User=${name}
WorkingDirectory=/opt/${name}
EnvironmentFile=/opt/${name}/.env
# The session is there, and the bot can write nowhere else.
StateDirectory=${name}
StateDirectoryMode=0700
Environment=BOT_STORE=/var/lib/${name}/bot.db
ExecStart=/usr/bin/env node ${botName(project)}
Restart=on-failure
RestartSec=5
TimeoutStopSec=15
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict

[Install]
WantedBy=multi-user.target
`;
}
