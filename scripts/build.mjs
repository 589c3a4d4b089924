// `npm run build`: installs, generates and compiles what has changed.
import { runScript, setup } from './setup.mjs';

await runScript(() => setup({ build: true }));
