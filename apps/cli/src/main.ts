import { EXIT } from './exit-code.js';
import { runAtlas } from './program.js';
import { processTerminal } from './terminal.js';

/** Nothing was answered: that is not `EXIT.unexpected`, which Node would exit with. */
function fail(error: Error): never {
  process.stderr.write(`error: ${error.stack ?? error.message}\n`);
  process.exit(EXIT.undetermined);
}

/** What a shell tells of a program that SIGPIPE ended; Node ignores that signal. */
const PIPE_CLOSED = 141;

// A reader such as `head` that has seen enough closes the pipe. Where the answer is not known yet it is not told as one.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') fail(error);
  process.exit(process.exitCode ?? PIPE_CLOSED);
});
// Notes that nobody reads are no reason to end, as with `2>&1 | head`.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') fail(error);
});
process.on('uncaughtException', fail);

void runAtlas(process.argv.slice(2), processTerminal).then((code) => {
  process.exitCode = code;
}, fail);
