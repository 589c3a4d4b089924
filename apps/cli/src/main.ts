import { runAtlas } from './program.js';
import { processTerminal } from './terminal.js';

// A reader such as `head` that has seen enough closes the pipe: that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

void runAtlas(process.argv.slice(2), processTerminal).then((code) => {
  process.exitCode = code;
});
