import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { schemaText } from '../../apps/api/src/graphql/graphql-schema.js';
import { openApiDocument } from '../../apps/api/src/openapi/openapi-document.js';
import { fuzzApi } from '../fuzz/fuzz-api.js';
import type { OpenApi } from '../support/api-surface/rest-requests.js';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { startWithLimitedCaller } from './api/limited-caller.js';
import { SHOP } from './api/shop.js';

/** `npm run -s fuzz` sends many more. */
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 600);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
/** A role: the requests are then those of a caller of one namespace of one cluster. */
const AS = process.env['FUZZ_AS'] ?? '';
const MIB = 1024 * 1024;

// Garbage that is not collected yet would be taken for what the service keeps.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('requests of every shape', () => {
  let api: ApiUnderTest;
  let headers: Record<string, string> = {};
  let close: () => Promise<void>;
  beforeAll(async () => {
    if (AS === '') {
      api = await startApiUnderTest();
      close = () => api.close();
    } else ({ api, close, sue: headers } = await startWithLimitedCaller(AS));
    await api.seed('shop', SHOP);
    await api.seed('other', SHOP);
  });
  afterAll(async () => {
    await close();
  });

  it(
    'get an answer in time that is not a failure of the service, and leave nothing behind',
    async () => {
      const target = {
        url: api.url,
        openApi: openApiDocument() as unknown as OpenApi,
        schema: buildSchema(await schemaText()),
        headers,
      };
      // As many again before, so that what is kept up to a bound has reached it.
      await fuzzApi(target, REQUESTS, SEED + 1);
      collectGarbage();
      const before = process.memoryUsage().heapUsed;
      const result = await fuzzApi(target, REQUESTS, SEED);
      collectGarbage();
      const grownMiB = (process.memoryUsage().heapUsed - before) / MIB;
      const statuses = Object.entries(result.byStatus).map(([status, count]) => `${status}: ${String(count)}`);
      process.stdout.write(
        `${String(result.requests)} requests${AS === '' ? '' : ` as ${AS}`}, seed ${String(SEED)}: ${statuses.join(', ')}; ${String(result.faults.length)} faults; ` +
          `slowest ${result.slowestMs.toFixed(0)} ms (${result.slowest.slice(0, 120)}); heap ${grownMiB.toFixed(1)} MiB more\n`,
      );
      expect(result.faults.slice(0, 20)).toEqual([]);
      expect(result.byStatus['200']).toBeGreaterThan(REQUESTS / 20);
      expect(grownMiB).toBeLessThan(32);
    },
    Math.max(60_000, REQUESTS * 200),
  );
});
