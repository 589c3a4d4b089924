import { Option, type Command } from 'commander';

export const DEFAULT_SERVER = 'http://127.0.0.1:8080';

export function dirOption(): Option {
  return new Option('--dir <path>', 'manifests to look at: a folder, file or archive, - for standard input').conflicts(
    'server',
  );
}

export function serverOption(): Option {
  return new Option('--server [url]', `address of a server; ATLAS_SERVER, or ${DEFAULT_SERVER}, when none is named`);
}

/** Of commands that only a server can answer. */
export function serverAddressOption(): Option {
  return new Option('--server [url]', 'address of the server').default(
    DEFAULT_SERVER,
    `ATLAS_SERVER, or ${DEFAULT_SERVER}`,
  );
}

/** Before a command: the server that is meant where none is named. */
export function knownServerOption(): Option {
  return new Option('--server <url>', 'the server that is asked about clusters').env('ATLAS_SERVER');
}

/** Gives a command the address of the server that it is to ask: also where it names a cluster, and no manifests. */
export function nameServer(command: Command, known: string | undefined): void {
  const takes = (name: string): boolean => command.options.some((option) => option.attributeName() === name);
  const given = (name: string): boolean => command.getOptionValue(name) !== undefined;
  if (!takes('server')) return;
  const isUnnamed = command.getOptionValue('server') === true || command.getOptionValueSource('server') === 'default';
  const isMeant = known !== undefined && !given('server') && !given('dir') && (!takes('dir') || given('cluster'));
  if (isUnnamed || isMeant) command.setOptionValueWithSource('server', known ?? DEFAULT_SERVER, 'env');
}

/** For options that may be repeated. */
export function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

/** What `sortOption` reads. */
export interface Sorted {
  readonly sort?: string;
}

/** Of lists: the server says by which keys each can be sorted. */
export function sortOption(): Option {
  return new Option('--sort <keys>', 'its order: keys with commas between, `-` in front from the last to the first');
}

export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how the answer looks').choices(['text', 'json']).default('text');
}

/** Of questions that are answered in both readings. */
export function readingOption(): Option {
  return new Option('--reading <name>', "what this cluster's CNI makes of policy, or policy as written").choices([
    'enforced',
    'intended',
  ]);
}
