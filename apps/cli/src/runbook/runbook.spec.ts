import { describe, expect, it } from '@jest/globals';

import { runOnTerminal } from '../testing/run-on-terminal.js';

const NOBODY = ['--server', 'http://127.0.0.1:9', '--cluster', 'shop'];

describe('atlas runbook run', () => {
  it.each([
    ['a folder', ['--dir', '.']],
    ['a server, before it is asked', NOBODY],
  ])('names the options that are missing or wrong, of %s', async (_, where) => {
    const run = (...flags: readonly string[]) =>
      runOnTerminal(['runbook', 'run', 'service-unreachable', ...where, ...flags]);
    expect(await run()).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--from is needed by service-unreachable\n.*--to is needed by service-unreachable/),
    });
    const { err } = await run('--from', '::::', '--to', 'shop/db', '--protocol', 'TPC');
    expect(err).toMatch(/--from .*\n.*--protocol `TPC` is not known/);
    expect(err).not.toContain('--to');
  });

  it.each([
    ['a folder', ['--dir', '.']],
    ['a server, before it is asked', NOBODY],
  ])('names the options that the runbook does not take, of %s', async (_, where) => {
    const flags = ['--namespace', 'shop', '--node', 'one', '--port', '80'];
    expect(await runOnTerminal(['runbook', 'run', 'policies-without-effect', ...where, ...flags])).toMatchObject({
      code: 2,
      err: 'error: the runbook cannot be run\n  --port is not taken by policies-without-effect, leave it out\n  --node is not taken by policies-without-effect, leave it out\n',
    });
  });

  it('names the runbooks that there are', async () => {
    expect((await runOnTerminal(['runbook', 'run', 'nope', ...NOBODY])).err).toContain('service-unreachable');
  });
});
