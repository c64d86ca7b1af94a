import { type MachinePaths, type PathsOptions, pathsOf } from '../../../statechart/index.ts';
import { authMachine } from '../machine.ts';
import { authCases } from './cases.ts';
import { authStateKey } from './state-key.ts';

/** The ways through the life of a session. With `machine`, through one that was made from `authMachine`. */
export function authPaths(
  options: Partial<PathsOptions<typeof authMachine>> & { readonly machine?: typeof authMachine } = {},
): MachinePaths<typeof authMachine> {
  const { machine = authMachine, ...rest } = options;
  return pathsOf(machine, {
    cases: authCases,
    stateKey: authStateKey,
    // The timers do not depend on chance then.
    input: { salt: 0.5 },
    landmarks: { valid: (snapshot) => snapshot.matches('valid') },
    ends: [(snapshot) => snapshot.matches('valid'), (snapshot) => snapshot.matches('failed')],
    ...rest,
  });
}
