import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApiUnderTest, type ApiUnderTest } from './api-under-test.js';
import { startIssuer } from './issuer.js';

type Headers = Record<string, string>;

/** The API with three callers: of everything, of namespace `shop` of cluster `shop`, and of the whole of that cluster. */
export interface LimitedCaller {
  readonly api: ApiUnderTest;
  readonly root: Headers;
  readonly sue: Headers;
  readonly bob: Headers;
  readonly close: () => Promise<void>;
}

/** Starts it; `role` is that of the limited caller. */
export async function startWithLimitedCaller(role = 'admin'): Promise<LimitedCaller> {
  const issuer = await startIssuer('login');
  const folder = await mkdtemp(join(tmpdir(), 'atlas-limited-'));
  const path = join(folder, 'access.json');
  const groups = {
    root: [{ role: 'admin' }],
    shop: [{ role, clusters: ['shop'], namespaces: ['shop'] }],
    cluster: [{ role, clusters: ['shop'] }],
  };
  const issuers = [{ issuer: issuer.issuer, audience: 'atlas', jwksUri: issuer.jwksUri }];
  writeFileSync(path, JSON.stringify({ issuers, groups }));
  const api = await startApiUnderTest({ ATLAS_AUTH_CONFIG: path, RATE_LIMIT_PER_MINUTE: '1000000' });
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const bearer = async (sub: string, group: string): Promise<Headers> => ({
    authorization: `Bearer ${await issuer.sign({ sub, groups: [group], exp })}`,
  });
  return {
    api,
    root: await bearer('root', 'root'),
    sue: await bearer('sue', 'shop'),
    bob: await bearer('bob', 'cluster'),
    close: async () => {
      await api.close();
      await issuer.close();
      await rm(folder, { recursive: true });
    },
  };
}
