import { get, items, str } from './fields.js';
import type { Request, Scene } from './network-policy.js';

const WILD = /\{\*\*?\}|\*/;
const BETWEEN = ['', 'x', 'x/x'];

/** The parts of requests, by the fields of policies that ask for them. */
const NAMES = {
  method: ['method', 'methods', 'notMethods'],
  path: ['path', 'paths', 'notPaths', 'uri'],
  host: ['host', 'hosts', 'notHosts'],
} as const;

/** Fields of policies with blocks of clients that requests may say they are forwarded for. */
const FORWARDED = ['remoteIpBlocks', 'notRemoteIpBlocks'];

/** Every block that policies ask requests for, and one that they do not. */
function forwardedLike({ cluster }: Scene): readonly Pick<Request, 'forwarded'>[] {
  const blocks = [...cluster.objects.values()].flatMap((all) =>
    all.flatMap((one) => [...namedIn(one, FORWARDED), ...conditionsOf(one)]),
  );
  return blocks.length === 0 ? [{}] : ['', ...new Set(blocks)].map((forwarded) => ({ forwarded }));
}

const conditionsOf = (policy: unknown): readonly string[] =>
  items(get(policy, 'spec', 'rules'))
    .flatMap((rule) => items(get(rule, 'when')))
    .filter((one) => get(one, 'key') === 'remote.ip')
    .flatMap((one) => [...items(get(one, 'values')), ...items(get(one, 'notValues'))].map(str));

/** Requests that meet and miss what policies name, as far as the question leaves the request open. */
export function requestsLike(scene: Scene): readonly Scene[] {
  const { request } = scene.packet;
  const naming = (part: keyof typeof NAMES): readonly unknown[] =>
    [...scene.cluster.objects].flatMap(([kind, all]) => (part === 'host' && kind.endsWith(ROUTING) ? [] : all));
  const of = (part: keyof typeof NAMES): readonly string[] => {
    const told = request?.[part];
    return told === undefined
      ? textsLike(
          naming(part).flatMap((one) => namedIn(one, NAMES[part])),
          part,
        )
      : [told];
  };
  const [hosts, paths, clients] = [of('host'), of('path'), forwardedLike(scene)];
  return of('method').flatMap((method) =>
    paths.flatMap((path) =>
      hosts.flatMap((host) =>
        clients.map((client) => ({
          ...scene,
          packet: { ...scene.packet, request: { method, path, host, ...client } },
        })),
      ),
    ),
  );
}

/** Kinds whose hosts are no hosts of requests. */
const ROUTING = '.networking.istio.io';

/** All texts in some fields, however deep. */
function namedIn(value: unknown, names: readonly string[]): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inside]: [string, unknown]) => {
    if (!names.includes(key)) return namedIn(inside, names);
    const begun = str(get(inside, 'prefix'));
    const whole = [...items(inside), inside, get(inside, 'exact')].filter((one) => typeof one === 'string').map(str);
    return begun === '' ? whole : [...whole, `${begun}*`];
  });
}

/** Texts of every beginning and ending that patterns have, one for each set of patterns that a text meets. */
function textsLike(patterns: readonly string[], part: keyof Request): readonly string[] {
  const pieces = [...new Set(patterns)].map((one) => one.split(WILD));
  const heads = ['', part === 'path' ? '/' : 'any', ...pieces.map(([head = '']) => head)];
  const tails = ['', ...pieces.filter(({ length }) => length > 1).map((all) => all.at(-1) ?? '')];
  const whole = pieces.flatMap((all) => BETWEEN.map((between) => all.join(between)));
  const joined = heads.flatMap((head) => BETWEEN.flatMap((one) => tails.map((tail) => `${head}${one}${tail}`)));
  const found = new Map<string, string>();
  for (const text of [...whole, ...joined]) {
    if (text === '' || (part === 'path' && !text.startsWith('/'))) continue;
    const met = patterns.map((pattern) => `${globOf(pattern, '').test(text)} ${globOf(pattern, 'i').test(text)}`);
    if (!found.has(met.join())) found.set(met.join(), text);
  }
  return [...found.values()];
}

function globOf(pattern: string, flags: string): RegExp {
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const wilds: Readonly<Record<string, string>> = { '{*}': '[^/]+', '{**}': '.*', '*': '.*' };
  const parts = pattern.split(/(\{\*\*?\}|\*)/).map((one) => wilds[one] ?? literal(one));
  return new RegExp(`^${parts.join('')}$`, flags);
}
