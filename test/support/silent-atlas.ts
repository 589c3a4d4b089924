import type { Command } from 'commander';
import { atlas } from '../../apps/cli/src/program.js';

/** The command line as it describes itself: it reads nothing, and tells nobody. */
export function silentAtlas(): Command {
  const terminal = {
    isRead: false,
    out: () => undefined,
    err: () => undefined,
    readInput: () => Promise.resolve(new Uint8Array()),
  };
  return atlas(terminal, () => undefined);
}
