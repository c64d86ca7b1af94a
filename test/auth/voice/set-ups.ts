import { wrongAnswers } from './set-ups/answers.ts';
import { wrongOAuth } from './set-ups/oauth.ts';
import { wrongSessions } from './set-ups/session.ts';
import type { SetUp } from './set-ups/set-up.ts';
import { wrongWays } from './set-ups/way.ts';

export const setUps: readonly SetUp[] = [...wrongWays, ...wrongAnswers, ...wrongSessions, ...wrongOAuth];
