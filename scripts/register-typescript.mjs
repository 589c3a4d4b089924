// Lets whoever imports it first run our TypeScript sources: node --import ./scripts/register-typescript.mjs FILE.ts
import { register } from 'node:module';

register('./typescript-loader.mjs', import.meta.url);
