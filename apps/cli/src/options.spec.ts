import { describe, expect, it } from '@jest/globals';

import { runOnTerminal } from './testing/run-on-terminal.js';

const NOBODY = 'http://127.0.0.1:9';

describe('the server that is meant', () => {
  it.each([
    ['what folders answer too', ['policies', '--server', '--cluster', 'shop']],
    ['what only a server answers', ['flows', 'list', '--server', '--cluster', 'shop']],
    ['a list of a server', ['clusters', 'list', '--server']],
  ])('is the one before the command where --server names none: %s', async (_, args) => {
    const { code, err } = await runOnTerminal(['--server', NOBODY, ...args]);
    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining(NOBODY) });
  });
});

describe('a field of a channel', () => {
  it('that is in a file which is not there is told by its name', async () => {
    const add = ['channel', 'add', 'alerts', 'slack', '--set', 'url=@not-here.txt', '--event', 'finding.new'];
    expect(await runOnTerminal(add)).toMatchObject({
      code: 2,
      err: 'error: cannot read `not-here.txt`: it does not exist\n',
    });
  });
});
