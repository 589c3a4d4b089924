import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Secret } from '#config';
import { AppError } from '#contracts';
import { silentLog, type Log } from '#telemetry';
import { postgresBinaries } from './embedded/binaries.js';
import { isAlive, lockDataDir } from './embedded/owner-lock.js';
import { launchAs, serviceAccount, type Launch, type ServiceAccount } from './embedded/service-account.js';

export interface EmbeddedPostgresOptions {
  /** Folder for the data and the password. Made when it is not there. */
  readonly dataDir: string;
  readonly log?: Log;
  /** False trades safety after a crash for speed: for tests only. Defaults to true. */
  readonly durable?: boolean;
}

/** A running database server that belongs to this process. */
export interface EmbeddedPostgres {
  /** Connection string of the database `atlas`, with its password. */
  readonly url: Secret;
  readonly port: number;
  /** Process id of the server. */
  readonly pid: number;
  /** Rejects with `database.unavailable` when the server ends although nobody stopped it. Never resolves. */
  readonly failed: Promise<never>;
  /** Ends open sessions and shuts down cleanly. May be called twice. */
  stop(): Promise<void>;
}

const USER = 'atlas';
const DATABASE = 'atlas';
const STOP_TIMEOUT_MS = 20_000;
const START_TIMEOUT_MS = 60_000;
const LAST_LINES = 20;
const PORT_ATTEMPTS = 5;
/** The server needs no more of the environment than where the system's programs are. */
const PROGRAM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

interface Place {
  readonly data: string;
  readonly passwordFile: string;
  readonly lockFile: string;
  readonly account: ServiceAccount | null;
  readonly durable: boolean;
  readonly log: Log;
}

/** A server process, and the last lines it wrote. */
interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  readonly lines: readonly string[];
  readonly exited: Promise<number | null>;
}

function spawnAs(launch: Launch): ChildProcess {
  const identity = launch.account === null ? {} : { uid: launch.account.uid, gid: launch.account.gid };
  // A process group of its own: Ctrl-C is for this process, which stops the database last.
  return spawn(launch.command, [...launch.args], {
    ...identity,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: PROGRAM_PATH, LC_ALL: 'C', TZ: 'UTC', PGTZ: 'UTC' },
  });
}

/** Collects what a child writes: the last lines for an error message, each line for the log. */
function follow(
  child: ChildProcess,
  onLine: (line: string) => void,
): { lines: string[]; exited: Promise<number | null> } {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > LAST_LINES) lines.shift();
      onLine(line);
    });
  }
  const exited = new Promise<number | null>((done) => {
    child.once('error', (error) => {
      lines.push(error.message);
      done(-1);
    });
    child.once('close', (code) => {
      done(code);
    });
  });
  return { lines, exited };
}

function startupError(what: string, lines: readonly string[]): AppError {
  const telling =
    lines.filter((line) => /FATAL|ERROR|error|PANIC|could not|cannot|ENOENT/.test(line)).at(-1) ?? lines.at(-1);
  return new AppError('startup.failed', `${what}: ${telling ?? 'no reason was given'}`, {
    details: { output: [...lines] },
  });
}

/** Makes the data folder in one step: a start that is interrupted here leaves nothing half done behind. */
async function initialise(place: Place, password: string): Promise<void> {
  const fresh = `${place.data}.new`;
  const passwordCopy = `${place.data}.init`;
  await rm(fresh, { recursive: true, force: true });
  await rm(passwordCopy, { force: true });
  await mkdir(fresh, { mode: 0o700 });
  await writeFile(passwordCopy, `${password}\n`, { mode: 0o600 });
  if (place.account !== null) {
    await chown(fresh, place.account.uid, place.account.gid);
    await chown(passwordCopy, place.account.uid, place.account.gid);
  }
  const options = [
    '--auth=scram-sha-256',
    `--username=${USER}`,
    `--pwfile=${passwordCopy}`,
    '--encoding=UTF8',
    '--locale=C',
  ];
  const sync = place.durable ? [] : ['--no-sync'];
  const launch = await launchAs(
    place.account,
    postgresBinaries().initdb,
    ['-D', fresh, ...options, ...sync],
    place.data,
  );
  try {
    const { lines, exited } = follow(spawnAs(launch), (line) => {
      place.log.debug('initdb', { line });
    });
    if ((await exited) !== 0) throw startupError(`cannot make a database in \`${place.data}\``, lines);
    await rename(fresh, place.data);
  } finally {
    await rm(passwordCopy, { force: true });
  }
}

/** The password of the data in `place`, which is made when there is none yet. */
async function preparePassword(place: Place): Promise<string> {
  const isInitialised = existsSync(join(place.data, 'PG_VERSION'));
  const stored = (await readFile(place.passwordFile, 'utf8').catch(() => '')).trim();
  if (isInitialised && stored !== '') return stored;
  if (isInitialised) {
    throw new AppError(
      'startup.failed',
      `\`${place.passwordFile}\` is missing, put it back or move \`${place.data}\` away to start with an empty database`,
    );
  }
  const password = stored === '' ? randomBytes(24).toString('base64url') : stored;
  await writeFile(place.passwordFile, `${password}\n`, { mode: 0o600 });
  place.log.info('making the embedded database', { folder: place.data });
  await initialise(place, password);
  return password;
}

/** Whether process `pid` is a Postgres server; unknown counts as yes where the system does not tell. */
function isPostgres(pid: number): boolean {
  try {
    const command = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').split('\0')[0] ?? '';
    return command.includes('postgres');
  } catch {
    return isAlive(pid) && process.platform !== 'linux';
  }
}

/**
 * Deals with what a killed service left: ends a server that still runs on the data (nobody else holds the lock), and
 * removes its pid file when the id belongs to nobody, or to some other program by now.
 */
async function recover(place: Place): Promise<void> {
  const pidFile = join(place.data, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!existsSync(pidFile)) return;
  if (pid > 0 && isAlive(pid) && isPostgres(pid)) {
    place.log.warn('stopping a database server that an earlier run left behind', { pid });
    process.kill(pid, 'SIGINT');
    const end = Date.now() + STOP_TIMEOUT_MS;
    while (isAlive(pid) && Date.now() < end) await sleep(50);
    if (isAlive(pid))
      throw new AppError('startup.failed', `process ${String(pid)} still uses \`${place.data}\`, end it first`);
    return;
  }
  place.log.warn('removing the pid file of a database server that is gone', { pidFile });
  await rm(pidFile, { force: true });
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        done(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}

function settings(place: Place, port: number): string[] {
  const values: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(place.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function launchServer(place: Place): Promise<Server> {
  const port = await freePort();
  const args = ['-D', place.data, ...settings(place, port)];
  const child = spawnAs(await launchAs(place.account, postgresBinaries().postgres, args, place.data));
  let ready = (): void => undefined;
  const isReady = new Promise<'ready'>((done) => {
    ready = () => {
      done('ready');
    };
  });
  const { lines, exited } = follow(child, (line) => {
    place.log.debug('postgres', { line });
    if (line.includes('ready to accept connections')) ready();
  });
  const timeout = new AbortController();
  const late = sleep(START_TIMEOUT_MS, 'late' as const, { signal: timeout.signal }).catch(() => 'late' as const);
  const outcome = await Promise.race([isReady, exited, late]);
  timeout.abort();
  if (outcome === 'ready') return { child, port, lines, exited };
  child.kill('SIGQUIT');
  await exited;
  throw startupError('cannot start the embedded database', lines);
}

/** Another program may take the free port first: try again with the next. */
async function launchOnFreePort(place: Place): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launchServer(place);
    } catch (error) {
      const isPortTaken = error instanceof AppError && JSON.stringify(error.details).includes('Address already in use');
      if (!isPortTaken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

function connectionString(password: string, port: number, database: string): string {
  return `postgresql://${USER}:${encodeURIComponent(password)}@127.0.0.1:${String(port)}/${database}`;
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(DATABASE)}`);
  } finally {
    await client.end();
  }
}

async function stopServer(server: Server): Promise<void> {
  server.child.kill('SIGINT');
  const timeout = new AbortController();
  const late = sleep(STOP_TIMEOUT_MS, 'late' as const, { signal: timeout.signal }).catch(() => 'late' as const);
  if ((await Promise.race([server.exited, late])) === 'late') {
    server.child.kill('SIGQUIT');
    await server.exited;
  }
  timeout.abort();
}

function running(server: Server, url: string, release: () => Promise<void>): EmbeddedPostgres {
  let stopping: Promise<void> | null = null;
  // The last resort when the process ends without calling stop: a fast shutdown that goes on without us.
  const onExit = (): void => {
    server.child.kill('SIGINT');
  };
  process.once('exit', onExit);
  const failed = server.exited.then((code): never | Promise<never> => {
    if (stopping !== null) return new Promise<never>(() => undefined);
    const last = server.lines.at(-1) ?? '';
    throw new AppError('database.unavailable', `the embedded database ended with code ${String(code)}: ${last}`);
  });
  failed.catch(() => undefined);
  return {
    url: new Secret(url),
    port: server.port,
    pid: server.child.pid ?? 0,
    failed,
    stop: () =>
      (stopping ??= (async () => {
        process.off('exit', onExit);
        await stopServer(server);
        await release();
      })()),
  };
}

/**
 * Starts the PostgreSQL that came with the dependencies on a free loopback port, with its data in `dataDir`.
 * The first start makes the data and a random password, kept in a file that only its owner may read.
 * What an earlier run left behind when it was killed is cleaned up. Works as root too: the server then runs as account
 * `postgres`. Throws `startup.failed` when the folder is in use or the server does not come up.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true });
  const release = await lockDataDir(join(dataDir, 'postgres.owner'), dataDir);
  try {
    const place: Place = {
      data: join(dataDir, 'postgres'),
      passwordFile: join(dataDir, 'postgres.password'),
      lockFile: join(dataDir, 'postgres.owner'),
      account: await serviceAccount(),
      durable: options.durable ?? true,
      log: options.log ?? silentLog,
    };
    const password = await preparePassword(place);
    await recover(place);
    const server = await launchOnFreePort(place);
    try {
      await ensureDatabase(connectionString(password, server.port, 'postgres'));
    } catch (cause) {
      await stopServer(server);
      throw new AppError('startup.failed', 'the embedded database does not take its password, see the password file', {
        cause,
      });
    }
    return running(server, connectionString(password, server.port, DATABASE), release);
  } catch (error) {
    await release();
    throw error;
  }
}
