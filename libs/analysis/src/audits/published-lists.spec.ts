import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLog } from '#telemetry';
import { PublishedLists } from './published-lists.js';

describe('published lists', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atlas-lists-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are read again when a file changes, and never fail', async () => {
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (message: string) => void warnings.push(message) };
    const lists = new PublishedLists(folder, log);
    const blocks = async () => (await lists.all()).flatMap((list) => list.blocks);
    const write = (block: string) =>
      writeFile(
        join(folder, 'aws.json'),
        JSON.stringify({ createDate: '2026-11-20-0', prefixes: [{ ip_prefix: block }] }),
      );
    expect(await blocks()).toEqual([]);
    await write('203.0.113.0/24');
    expect(await blocks()).toEqual(['203.0.113.0/24']);
    expect(await lists.all()).toBe(await lists.all());
    await write('192.0.2.0/24');
    await utimes(join(folder, 'aws.json'), new Date(), new Date(Date.now() + 5_000));
    await writeFile(join(folder, 'broken.json'), '{');
    expect(await blocks()).toEqual(['192.0.2.0/24']);
    expect(warnings).toEqual(['this is no list of addresses of AWS, Google or Azure']);
    expect(await new PublishedLists(join(folder, 'gone'), log).all()).toEqual([]);
    expect(await new PublishedLists(null, log).all()).toEqual([]);
  });
});
