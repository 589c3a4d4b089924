import { spawnSync } from 'node:child_process';

import { describe, expect, it } from '@jest/globals';

const ATLAS = `"${process.execPath}" scripts/run.mjs apps/cli/src/main.ts`;
const SHOP = '--dir apps/standalone/sample/shop-calico';

/** Runs a line of a shell and gives the exit code of its first command. */
function firstCode(line: string): number {
  const { stdout } = spawnSync('bash', ['-c', `${line}; echo "\${PIPESTATUS[0]}"`]);
  return Number(stdout.toString());
}

describe('the command line, where nobody reads what it says', () => {
  it('exits with its verdict all the same', () => {
    expect(firstCode(`${ATLAS} can ${SHOP} --from shop/web --to shop/db --port 5432 | true`)).toBe(1);
    expect(firstCode(`${ATLAS} can ${SHOP} --from shop/web --to shop/db --port 5432 --expect denied 2>&1 | true`)).toBe(
      0,
    );
  });

  it('takes a note that is not read for no failure', () => {
    expect(firstCode(`${ATLAS} list ${SHOP} 2>&1 >/dev/null | true`)).toBe(0);
    expect(firstCode(`${ATLAS} can ${SHOP} --from shop/web 2>&1 | true`)).toBe(2);
  });
});
