import { authPathPlans, runAuthPath } from '/work/main/src/adapters/testing/index.ts';
const which = process.argv[2] ?? 'on-this-module';
const only = process.argv.slice(3);
const module = await import(`/work/main/test/bots/${which}.ts`);
const bot = Object.values(module)[0] as any;
for (const k of ['log', 'info', 'warn', 'debug', 'error', 'trace'] as const)
  if (!process.env.LOUD)
    ((console as any)['_' + k] = console[k]), k !== 'log' && ((console as any)[k] = () => {});
const out = console.log;
console.log = () => {};
const t0 = Date.now();
await Promise.all(
  authPathPlans
    .filter((p) => !only.length || only.includes(p.id))
    .map(async (plan) => {
      const t = Date.now();
      const f = await runAuthPath(plan, { ...bot, patienceMs: Number(process.env.PATIENCE ?? 20000) });
      out(
        plan.id,
        Date.now() - t,
        f.map((x) => x.rule + ': ' + x.message),
      );
    }),
);
out('total', Date.now() - t0);
setTimeout(() => {
  out('LEFT', process.getActiveResourcesInfo());
}, 3000).unref();
