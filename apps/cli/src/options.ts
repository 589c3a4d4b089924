import { Option } from 'commander';

export const DEFAULT_SERVER = 'http://127.0.0.1:8080';

export function dirOption(): Option {
  return new Option('--dir <path>', 'manifests to look at: a folder, file or archive, - for standard input').conflicts(
    'server',
  );
}

export function serverOption(): Option {
  return new Option('--server [url]', `address of a server, ${DEFAULT_SERVER} when none is named`).preset(
    DEFAULT_SERVER,
  );
}

/** Of commands that only a server can answer. */
export function serverAddressOption(): Option {
  return new Option('--server <url>', 'address of the server').default(DEFAULT_SERVER);
}

/** For options that may be repeated. */
export function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
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
