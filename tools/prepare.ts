// `npm ci` runs this at its end, on the Node 24 that it has installed.
import { installOnNode24 } from './own-package.ts';

await installOnNode24();
