// Module hooks that let Node run our TypeScript sources as they are: swc strips the types in process, library aliases
// resolve to sources, and the `.js` of a relative import is found as the `.ts` it is compiled from.
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { transform } from '@swc/core';

import { SWC_OPTIONS } from './swc-options.mjs';

const SOURCE_CONDITION = 'atlas-source';

export async function resolve(specifier, context, nextResolve) {
  const source = typescriptSource(specifier, context.parentURL);
  if (source !== undefined) return { url: source, format: 'module', shortCircuit: true };
  if (!specifier.startsWith('#')) return nextResolve(specifier, context);
  return nextResolve(specifier, { ...context, conditions: [SOURCE_CONDITION, ...context.conditions] });
}

export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), { ...SWC_OPTIONS, swcrc: false, filename });
  return { format: 'module', source: code, shortCircuit: true };
}

function typescriptSource(specifier, parent) {
  if (!/^\.{1,2}\/.*\.js$/.test(specifier) || !parent?.endsWith('.ts')) return undefined;
  const url = new URL(specifier.replace(/\.js$/, '.ts'), parent);
  return existsSync(url) ? url.href : undefined;
}
