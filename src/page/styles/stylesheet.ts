import { base } from './base.ts';
import { bot } from './bot.ts';
import { diagram } from './diagram.ts';
import { fleet } from './fleet.ts';
import { tokens } from './tokens.ts';

export const stylesheet: string = [tokens, base, bot, diagram, fleet].join('');
