import { EXIT } from './exit-code.js';
import { runAtlas } from './program.js';
import { processTerminal } from './terminal.js';

/** Nothing was answered: that is not `EXIT.unexpected`, which Node would exit with. */
function fail(error: Error): never {
  process.stderr.write(`error: ${error.stack ?? error.message}\n`);
  process.exit(EXIT.undetermined);
}

// A reader such as `head` that has seen enough closes the pipe: that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') fail(error);
  process.exit();
});
process.on('uncaughtException', fail);

void runAtlas(process.argv.slice(2), processTerminal).then((code) => {
  process.exitCode = code;
}, fail);
