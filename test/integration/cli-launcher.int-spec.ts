import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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
  const run = (): string => execFileSync(process.execPath, [join(folder, 'cli.js')], { encoding: 'utf8' });
  const compiled = async (): Promise<Buffer> => {
    const [cache = '', ...others] = (await readdir(folder)).filter((name) => name.includes('.cache'));
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
});
