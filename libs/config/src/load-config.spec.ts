import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { AppError } from '#contracts';
import { decodeKey } from './env.schema.js';
import { loadConfig, type AppName } from './load-config.js';
import { Secret } from './secret.js';

const DATABASE_URL = 'postgresql://atlas:hunter2@db/atlas';

function failure(env: Record<string, string>, app: AppName): AppError {
  try {
    loadConfig(env, app);
  } catch (error) {
    return error as AppError;
  }
  throw new Error('it was accepted');
}

describe('loadConfig', () => {
  it('gives standalone everything without a single variable', () => {
    expect(loadConfig({}, 'standalone')).toMatchObject({
      database: { url: null, dataDir: '.data' },
      queue: { redisUrl: null },
      http: { host: '127.0.0.1', port: 8080, metricsPort: null },
      sync: { flushIntervalMs: 500 },
      sample: { enabled: true },
      credentials: { secretKey: null },
      log: { level: 'info', format: 'json' },
    });
  });

  it.each(['api', 'sync', 'worker'] as const)('asks for a database for %s', (app) => {
    expect(failure({}, app).errors?.map((error) => error.pointer)).toEqual(['/DATABASE_URL']);
    expect(loadConfig({ DATABASE_URL }, app).database.url?.reveal()).toBe(DATABASE_URL);
  });

  it('reads days by kind', () => {
    const daysOf = (text: string) => loadConfig({ RETENTION_KIND_DAYS: text }, 'standalone').retention.kindDays;
    expect(daysOf('Pod=7, EndpointSlice.discovery.k8s.io=2')).toEqual({ Pod: 7, 'EndpointSlice.discovery.k8s.io': 2 });
    expect(daysOf(' ')).toEqual({});
    for (const text of ['Pod', 'Pod=', 'Pod=0', 'Pod=7;Node=1', '=7', 'Pod=-1']) {
      expect(failure({ RETENTION_KIND_DAYS: text }, 'standalone').message).toContain('must be kinds with days');
    }
  });

  it('asks an agent for a hub that is safe to send to, and for one token', () => {
    const AGENT_TOKEN = 'atlas_agent_x';
    expect(failure({}, 'agent').errors?.map((error) => error.pointer)).toEqual(['/AGENT_HUB_URL', '/AGENT_TOKEN']);
    expect(failure({ AGENT_HUB_URL: 'http://atlas.example.com', AGENT_TOKEN }, 'agent').message).toContain('use https');
    const cut = { AGENT_HUB_URL: 'https://hub', AGENT_TOKEN: `${AGENT_TOKEN}…` };
    expect(failure(cut, 'agent').message).toContain('must be the token as the API issued it');
    const both = { AGENT_HUB_URL: 'https://hub', AGENT_TOKEN, AGENT_TOKEN_FILE: '/token' };
    expect(failure(both, 'agent').errors?.map((error) => error.pointer)).toEqual(['/AGENT_TOKEN']);
    const { agent } = loadConfig({ AGENT_HUB_URL: 'http://127.0.0.1:8080/', AGENT_TOKEN }, 'agent');
    expect(agent).toMatchObject({ hubUrl: 'http://127.0.0.1:8080', kubeconfig: null });
    expect(inspect(agent)).not.toContain(AGENT_TOKEN);
  });

  it('counts a variable that is set to nothing as not set', () => {
    expect(loadConfig({ DATABASE_URL: '', HTTP_PORT: ' ', METRICS_PORT: '', LOG_LEVEL: '' }, 'standalone')).toEqual(
      loadConfig({}, 'standalone'),
    );
  });

  it('reports every problem at once, by name, without the values', () => {
    const error = failure(
      {
        DATABASE_URL: 'mysql://u:hunter2@x/y',
        HTTP_PORT: '70000',
        METRICS_PORT: 'x',
        LOG_LEVEL: 'loud',
        ATLAS_SECRET_KEY: 'hunter2',
        SYNC_FLUSH_INTERVAL_MS: '1.5',
        ATLAS_SAMPLE: 'maybe',
      },
      'api',
    );
    expect(error.code).toBe('startup.failed');
    expect(error.errors?.map((entry) => entry.pointer).sort()).toEqual([
      '/ATLAS_SAMPLE',
      '/ATLAS_SECRET_KEY',
      '/DATABASE_URL',
      '/HTTP_PORT',
      '/LOG_LEVEL',
      '/METRICS_PORT',
      '/SYNC_FLUSH_INTERVAL_MS',
    ]);
    expect(error.message).not.toContain('hunter2');
    expect(error.message).not.toContain('\n');
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.0.0.1.example.com'])(
    'refuses to listen on %s while nobody has to sign in',
    (HTTP_HOST) => {
      expect(failure({ HTTP_HOST }, 'standalone').errors?.[0]?.pointer).toBe('/HTTP_HOST');
      const open = loadConfig({ HTTP_HOST, ATLAS_ALLOW_UNAUTHENTICATED: 'yes' }, 'standalone');
      expect(open.http.host).toBe(HTTP_HOST);
    },
  );

  it.each(['localhost', '::1', '127.0.0.1', '127.1.2.3'])('listens on %s', (HTTP_HOST) => {
    expect(loadConfig({ HTTP_HOST }, 'standalone').http.host).toBe(HTTP_HOST);
  });
});

describe('Secret', () => {
  it('shows nowhere', () => {
    const config = loadConfig({ DATABASE_URL, ATLAS_SECRET_KEY: 'ab'.repeat(32) }, 'api');
    const shown = [
      JSON.stringify(config),
      inspect(config, { depth: 9, showHidden: true }),
      String(config.database.url),
    ];
    for (const text of shown) {
      expect(text).not.toContain('hunter2');
      expect(text).not.toContain('abab');
      expect(text).toContain('[redacted]');
    }
    expect(new Secret('x').reveal()).toBe('x');
  });
});

describe('decodeKey', () => {
  it('reads 32 bytes as hex and as both base64 alphabets, and nothing else', () => {
    const bytes = Buffer.alloc(32, 0xfb);
    for (const text of [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')]) {
      expect(Buffer.from(decodeKey(text) ?? []).equals(bytes)).toBe(true);
    }
    for (const text of ['', 'ab'.repeat(31), 'zz'.repeat(32), Buffer.alloc(31).toString('base64')]) {
      expect(decodeKey(text)).toBeNull();
    }
  });
});
