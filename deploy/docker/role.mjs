// The image's entry point: runs the role that the command names, in this process, so that signals reach it.
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = dirname(dirname(import.meta.dirname));
const app = (name) => join('dist', 'bundle', `${name}.js`);

const ROLES = {
  api: app('api'),
  sync: app('sync'),
  worker: app('worker'),
  agent: app('agent'),
  standalone: app('standalone'),
  atlas: app('cli'),
  migrate: join('scripts', 'migrate.mjs'),
};

const [role, ...args] = process.argv.slice(2);
if (!Object.hasOwn(ROLES, role ?? '')) {
  process.stderr.write(`unknown role \`${role ?? ''}\`, give one of ${Object.keys(ROLES).join(', ')}\n`);
  process.exit(2);
}
const main = join(root, ROLES[role]);
process.argv = [process.argv[0], main, ...args];
await import(pathToFileURL(main).href);
