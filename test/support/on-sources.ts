import { pathToFileURL } from 'node:url';
import { ownName } from './own-name.ts';

/**
 * Arguments for Node with which the package's own name means its sources, so that an example of the docs runs as it is
 * printed; and other names what they are told to.
 */
export function onSources(others: Readonly<Record<string, string>> = {}): readonly string[] {
  const own = ownName.map(({ find, replacement }) => [find.source, pathToFileURL(replacement).href]);
  const hook = `import { registerHooks } from 'node:module';
const own = ${JSON.stringify(own)}.map(([find, to]) => [new RegExp(find), to]);
const others = ${JSON.stringify(Object.entries(others))};
registerHooks({
  resolve(name, context, next) {
    const found = own.find(([find]) => find.test(name))?.[1];
    if (found !== undefined) return { url: found, shortCircuit: true };
    const other = others.find(([from]) => name === from || name.startsWith(from + '/'));
    return next(other === undefined ? name : name.replace(...other), context);
  },
});`;
  return ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
}
