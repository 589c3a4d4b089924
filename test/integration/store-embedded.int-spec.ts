import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, ensureSecretKeyFile, startEmbeddedPostgres, type EmbeddedPostgres } from '#store';

let dataDir: string;
let running: EmbeddedPostgres | null = null;

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'atlas-test-embedded-'));
});
afterAll(async () => {
  await running?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedPostgres> {
  running = await startEmbeddedPostgres({ dataDir, durable: false });
  return running;
}

async function ask(server: EmbeddedPostgres, sql: string): Promise<unknown[]> {
  const database = new Database({ url: server.url });
  try {
    return (await database.query(sql)).rows;
  } finally {
    await database.close();
  }
}

describe('the embedded database', () => {
  it('keeps its data over a clean stop, and its password in a file for its owner alone', async () => {
    const first = await start();
    await ask(first, 'CREATE TABLE kept AS SELECT 7 AS n');
    const password = readFileSync(join(dataDir, 'postgres.password'), 'utf8').trim();
    expect(first.url.reveal()).toContain(password);
    expect(String(first.url)).toBe('[redacted]');
    expect(statSync(join(dataDir, 'postgres.password')).mode & 0o777).toBe(0o600);
    await first.stop();
    await first.stop();
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
    const second = await start();
    expect(await ask(second, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    expect(await ask(second, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    await second.stop();
  });

  it('belongs to one process at a time', async () => {
    const server = await start();
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({
      code: 'startup.failed',
      message: expect.stringContaining(`in use by process ${String(process.pid)}`),
    });
    expect(await ask(server, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    await server.stop();
  });

  it('starts over a pid file and a lock that a killed service left', async () => {
    writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), `${String(process.pid)}\n/x\n1\n1\n\n127.0.0.1\n`);
    writeFileSync(join(dataDir, 'postgres.owner'), '2147483000 1\n');
    const server = await start();
    expect(await ask(server, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await server.stop();
  });

  it('takes over from a server whose service was killed', async () => {
    const orphan = await start();
    // What a kill leaves: the server still runs, its owner is gone.
    writeFileSync(join(dataDir, 'postgres.owner'), '2147483000 1\n');
    orphan.failed.catch(() => undefined);
    const server = await startEmbeddedPostgres({ dataDir, durable: false });
    expect(server.pid).not.toBe(orphan.pid);
    expect(await ask(server, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await server.stop();
  });

  it('tells when it ends although nobody stopped it', async () => {
    const server = await start();
    process.kill(server.pid, 'SIGKILL');
    await expect(server.failed).rejects.toMatchObject({ code: 'database.unavailable' });
    await server.stop();
    await sleep(200);
    const again = await start();
    expect(await ask(again, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await again.stop();
  });

  it('asks for the password file when it is missing', async () => {
    const file = join(dataDir, 'postgres.password');
    const password = readFileSync(file, 'utf8');
    rmSync(file);
    await expect(start()).rejects.toMatchObject({ message: expect.stringContaining('postgres.password` is missing') });
    writeFileSync(file, password, { mode: 0o600 });
    await (await start()).stop();
  });
});

describe('the sealing key of a data folder', () => {
  it('is made once, for its owner alone, and checked', async () => {
    const made = await Promise.all(Array.from({ length: 50 }, () => ensureSecretKeyFile(dataDir)));
    expect(new Set(made.map((key) => key.reveal())).size).toBe(1);
    expect(readdirSync(dataDir).filter((name) => name.startsWith('secret'))).toEqual(['secret.key']);
    expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
    writeFileSync(join(dataDir, 'secret.key'), 'short');
    await expect(ensureSecretKeyFile(dataDir)).rejects.toMatchObject({ code: 'startup.failed' });
  });
});
