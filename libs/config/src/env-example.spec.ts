import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { envSchema } from './env.schema.js';
import { loadConfig } from './load-config.js';

const text = readFileSync(join(import.meta.dirname, '..', '..', '..', '.env.example'), 'utf8');
const entries = [...text.matchAll(/^# ?([A-Z][A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => ({ name, value }));

/** Variables without a default: the example shows what one looks like. */
const EXAMPLES = new Set(['DATABASE_URL', 'REDIS_URL', 'METRICS_PORT', 'ATLAS_AUTH_CONFIG', 'RETENTION_KIND_DAYS']);

describe('.env.example', () => {
  it('names every variable, and no other', () => {
    expect(entries.map((entry) => entry.name).sort()).toEqual(Object.keys(envSchema.shape).sort());
  });

  it('shows the defaults', () => {
    const shown = entries.filter((entry) => !EXAMPLES.has(entry.name)).map(({ name, value }) => [name, value]);
    expect(loadConfig(Object.fromEntries(shown) as Record<string, string>, 'standalone')).toEqual(
      loadConfig({}, 'standalone'),
    );
  });
});
