import { fieldErrors, reachabilityInput } from '#contracts';
import { hasPorts, parsePeer, parseProtocol, type FlowQuestion } from '#engine';

import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-code.js';
import type { QuestionOptions } from './can-options.js';

/** The request as the server takes it. Fields that were not given are left out. */
export interface RemoteQuestion {
  readonly cluster: string;
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly port?: string;
  readonly sourcePort?: number;
  readonly at?: string;
  readonly icmp?: { readonly type: number; readonly code?: number };
  readonly l7?: Readonly<Record<string, unknown>>;
}

/** The options as a server's question. Nothing is checked here: the server is the judge of it. */
export function remoteQuestion(options: QuestionOptions, cluster: string): RemoteQuestion {
  const l7 = requestPart(options);
  const icmp = icmpPart(options);
  return {
    cluster,
    from: options.from,
    to: options.to,
    protocol: options.protocol,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.sourcePort === undefined ? {} : { sourcePort: Number(options.sourcePort) }),
    ...(options.at === undefined ? {} : { at: options.at }),
    ...(icmp === undefined ? {} : { icmp }),
    ...(l7 === undefined ? {} : { l7 }),
  };
}

/** The options as the engine's question. Throws a `CliError` that names every option that cannot be read. */
export function readQuestion(options: QuestionOptions): FlowQuestion {
  const result = reachabilityInput.safeParse(remoteQuestion(options, 'offline'));
  const wrong = result.success
    ? []
    : fieldErrors(reachabilityInput, result.error).map((e) => `${flagOf(e.pointer)} ${e.detail}`);
  const from = parsePeer(options.from);
  const to = parsePeer(options.to);
  const protocol = parseProtocol(options.protocol);
  if ('error' in from) wrong.push(`--from ${from.error}`);
  if ('error' in to) wrong.push(`--to ${to.error}`);
  if (protocol === null) {
    wrong.push(`--protocol \`${options.protocol}\` is not known, give TCP, UDP, SCTP, ICMP or a number from 0 to 255`);
  }
  if (options.icmpType !== undefined && protocol !== null && hasPorts(protocol)) {
    wrong.push('--icmp-type needs --protocol ICMP or IGMP');
  }
  if (!result.success || 'error' in from || 'error' in to || protocol === null) {
    throw new CliError(EXIT.usage, 'the question cannot be read', wrong);
  }
  const { port, sourcePort, icmp, l7 } = result.data;
  return {
    source: from.peer,
    destination: to.peer,
    protocol,
    port: port ?? null,
    ...(sourcePort === undefined ? {} : { sourcePort }),
    ...(icmp === undefined ? {} : { icmp: { type: icmp.type, code: icmp.code ?? null } }),
    ...(l7 === undefined ? {} : { l7 }),
  };
}

function httpPart(options: QuestionOptions): Record<string, unknown> | undefined {
  const { httpMethod: method, httpPath: path, httpHost: host, httpHeader } = options;
  const headers = Object.fromEntries(httpHeader.map(readHeader));
  const given = { ...(method && { method }), ...(path && { path }), ...(host && { host }) };
  if (Object.keys(given).length === 0 && httpHeader.length === 0) return undefined;
  return { protocol: 'http', ...given, ...(httpHeader.length === 0 ? {} : { headers }) };
}

function icmpPart({ icmpType, icmpCode }: QuestionOptions): RemoteQuestion['icmp'] {
  if (icmpType === undefined) {
    if (icmpCode !== undefined) throw new CliError(EXIT.usage, '--icmp-code needs --icmp-type');
    return undefined;
  }
  return { type: Number(icmpType), ...(icmpCode === undefined ? {} : { code: Number(icmpCode) }) };
}

/** What the options say of the request: of one protocol only. */
function requestPart(options: QuestionOptions): Record<string, unknown> | undefined {
  const { dnsName, kafkaTopic, grpcMethod, sni } = options;
  const parts = [
    httpPart(options),
    dnsName === undefined ? undefined : { protocol: 'dns', fields: { name: dnsName } },
    kafkaTopic === undefined ? undefined : { protocol: 'kafka', fields: { topic: kafkaTopic } },
    grpcMethod === undefined ? undefined : { protocol: 'grpc', fields: { method: grpcMethod } },
    sni === undefined ? undefined : { protocol: 'tls', fields: { sni } },
  ].filter((part) => part !== undefined);
  if (parts.length > 1) throw new CliError(EXIT.usage, 'a request is of one protocol: HTTP, DNS, Kafka, gRPC or TLS');
  return parts[0];
}

function readHeader(text: string): [string, string] {
  const at = text.indexOf(':');
  if (at > 0) return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  throw new CliError(EXIT.usage, `--http-header \`${text}\` has no colon, write it as \`Name: value\``);
}

const FLAGS: Readonly<Record<string, string>> = {
  '/from': '--from',
  '/to': '--to',
  '/port': '--port',
  '/protocol': '--protocol',
  '/sourcePort': '--source-port',
  '/at': '--at',
  '/icmp/type': '--icmp-type',
  '/icmp/code': '--icmp-code',
};

function flagOf(pointer: string): string {
  return FLAGS[pointer] ?? pointer.replace(/^\/l7\//, '--http-');
}
