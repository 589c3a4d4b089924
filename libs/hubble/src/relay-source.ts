import { readFile } from 'node:fs/promises';
import {
  credentials,
  status,
  type ChannelCredentials,
  type ClientReadableStream,
  type ServiceError,
} from '@grpc/grpc-js';

import { observerPackage } from './observer-proto.js';

/** Where Relay listens, and how it is spoken with. */
export interface RelaySettings {
  /** `host:port`. */
  readonly address: string;
  /** Files in PEM. With none of them, and without `tls`, the connection is plain. */
  readonly tls?: boolean;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** The name in the server's certificate, where it is not the address. */
  readonly serverName?: string;
}

/** Which flows are wanted. */
export interface RelayQuery {
  readonly since: Date;
  readonly until?: Date;
  /** Names of pods, as `namespace/` or `namespace/prefix`; either side counts. All of them when there is none. */
  readonly pods?: readonly string[];
  readonly timeoutMs: number;
}

/** Relay could not be asked. The message says what to do. */
export class RelayError extends Error {
  override readonly name = 'RelayError';
}

/**
 * Flows that Hubble Relay has kept, as records of the same shape as Hubble's JSON, each as soon as it is there.
 * @throws RelayError when it does not answer, or breaks off
 */
export async function* relayFlows(settings: RelaySettings, query: RelayQuery): AsyncGenerator {
  const { Observer } = observerPackage();
  const client = new Observer(settings.address, await channel(settings), {
    ...(settings.serverName === undefined ? {} : { 'grpc.ssl_target_name_override': settings.serverName }),
  });
  const ask = client['GetFlows'] as (request: unknown, options: unknown) => ClientReadableStream<unknown>;
  const stream = ask.call(client, requestOf(query), { deadline: Date.now() + query.timeoutMs });
  try {
    for await (const answer of stream) yield answer;
  } catch (error) {
    throw new RelayError(`Hubble Relay at \`${settings.address}\` ${faultOf(error as ServiceError)}`, { cause: error });
  } finally {
    stream.cancel();
    client.close();
  }
}

async function channel({ tls = false, caFile, certFile, keyFile }: RelaySettings): Promise<ChannelCredentials> {
  if (!tls && caFile === undefined && certFile === undefined) return credentials.createInsecure();
  const read = (path: string | undefined): Promise<Buffer | null> =>
    path === undefined ? Promise.resolve(null) : readFile(path);
  return credentials.createSsl(await read(caFile), await read(keyFile), await read(certFile));
}

function requestOf({ since, until, pods = [] }: RelayQuery): Readonly<Record<string, unknown>> {
  return {
    since: timestamp(since),
    ...(until === undefined ? {} : { until: timestamp(until) }),
    whitelist: pods.length === 0 ? [] : [{ source_pod: pods }, { destination_pod: pods }],
  };
}

function timestamp(date: Date): { readonly seconds: number; readonly nanos: number } {
  const ms = date.getTime();
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6 };
}

function faultOf({ code, details }: ServiceError): string {
  if (code === status.UNAVAILABLE)
    return 'cannot be reached: forward its port (kubectl port-forward svc/hubble-relay 4245:80) or check TLS';
  if (code === status.DEADLINE_EXCEEDED) return 'did not end in time: ask for less, or allow it more';
  return `says: ${details.split('\n')[0] ?? ''}`;
}
