import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const LAUNCHER = join(import.meta.dirname, '..', '..', 'scripts', 'launch-cli.mjs');

describe('what starts the command line', () => {
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atlas-launcher-'));
    await copyFile(LAUNCHER, join(folder, 'cli.js'));
    await says('one');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const says = (text: string): Promise<void> =>
    writeFile(join(folder, 'cli.cjs'), `(function () { console.log('${text}'); })`);
  const run = (...flags: readonly string[]): string =>
    execFileSync(process.execPath, [...flags, join(folder, 'cli.js')], { encoding: 'utf8' });
  const caches = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.includes('.cache'));
  const compiled = async (): Promise<Buffer> => {
    const [cache = '', ...others] = await caches();
    expect(others).toEqual([]);
    return readFile(join(folder, cache));
  };

  it('keeps the compiled form of the first run', async () => {
    expect(run()).toBe('one\n');
    const kept = await compiled();
    expect(run()).toBe('one\n');
    expect(await compiled()).toEqual(kept);
  });

  it('keeps another one where V8 refuses that', async () => {
    run();
    const kept = await compiled();
    await says('another');
    expect(run()).toBe('another\n');
    const renewed = await compiled();
    expect(renewed).not.toEqual(kept);
    expect(run()).toBe('another\n');
    expect(await compiled()).toEqual(renewed);
  });

  it('keeps one for each set of flags, of the last few', async () => {
    for (const old of ['a', 'b', 'c', 'd', 'e']) {
      await writeFile(join(folder, `cli-${old}.cache`), '');
      await utimes(join(folder, `cli-${old}.cache`), 1, 1);
    }
    run();
    const isReal = (name: string): boolean => !/^cli-[a-e]\.cache$/.test(name);
    const [first = ''] = (await caches()).filter(isReal);
    const made = async (): Promise<number> => (await stat(join(folder, first))).mtimeMs;
    const madeAt = await made();
    run('--stack-size=900');
    run();
    expect(await made()).toBe(madeAt);
    expect((await caches()).filter(isReal)).toHaveLength(2);
    expect(await caches()).toHaveLength(4);
  });
});
