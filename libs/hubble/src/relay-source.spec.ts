import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Server, ServerCredentials, status, type ServerWritableStream } from '@grpc/grpc-js';

import { FlowCollector } from '#flows';

import { observerPackage } from './observer-proto.js';
import { RelayError, relayFlows } from './relay-source.js';

const FLOW = {
  time: { seconds: 1764151200, nanos: 5e8 },
  verdict: 'DROPPED',
  drop_reason_desc: 'POLICY_DENIED',
  IP: { source: '10.0.0.4', destination: '10.0.0.9' },
  l4: { TCP: { source_port: 41000, destination_port: 8443 } },
  source: {
    namespace: 'shop',
    pod_name: 'api-0',
    labels: ['k8s:app=api'],
    workloads: [{ name: 'api', kind: 'StatefulSet' }],
  },
  destination: { namespace: 'payments', pod_name: 'gateway-0', labels: ['k8s:app=gateway'] },
  traffic_direction: 'INGRESS',
  is_reply: { value: false },
  ingress_denied_by: [{ name: 'default-deny', namespace: 'payments' }],
};

interface Request {
  readonly since: { readonly seconds: string };
  readonly whitelist?: readonly unknown[];
}

describe('Hubble Relay', () => {
  const server = new Server();
  const asked: Request[] = [];
  let address = '';

  beforeAll(async () => {
    server.addService(observerPackage().Observer.service, {
      GetFlows: (call: ServerWritableStream<Request, unknown>) => {
        asked.push(call.request);
        if (call.request.since.seconds === '0') {
          call.emit('error', { code: status.INVALID_ARGUMENT, details: 'since is too old' });
          return;
        }
        call.write({ node_status: { state_change: 1, node_names: ['n1'] } });
        call.write({ flow: FLOW, node_name: 'n1' });
        call.write({ flow: { ...FLOW, is_reply: { value: true } } });
        call.write({ lost_events: { num_events_lost: 3 } });
        if (call.request.whitelist === undefined) call.end();
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    address = `127.0.0.1:${String(port)}`;
  });
  afterAll(() => {
    server.forceShutdown();
  });

  const since = new Date('2026-11-26T10:00:00Z');

  it('gives what its JSON would, so that the same reader reads it', async () => {
    const collector = new FlowCollector();
    for await (const record of relayFlows({ address }, { since, timeoutMs: 5000 }))
      collector.record(record as never, 1);
    expect(collector.read).toMatchObject({
      problems: [],
      lost: 3,
      leftOut: { replies: 1, 'news of nodes and agents': 1 },
      flows: [
        {
          source: { namespace: 'shop', pod: 'api-0', workload: 'api', labels: { app: 'api' }, address: '10.0.0.4' },
          destination: { namespace: 'payments', pod: 'gateway-0' },
          protocol: 6,
          port: 8443,
          verdict: 'dropped',
          reason: 'POLICY_DENIED',
          policies: ['payments/default-deny'],
          firstSeen: '2025-11-26T10:00:00.000Z',
        },
      ],
    });
    expect(asked.at(-1)).toMatchObject({ since: { seconds: '1795687200' } });
  });

  it('says what went wrong', async () => {
    const drain = async (at: string, query: Parameters<typeof relayFlows>[1]): Promise<number> => {
      const records: unknown[] = [];
      for await (const record of relayFlows({ address: at }, query)) records.push(record);
      return records.length;
    };
    await expect(drain(address, { since: new Date(0), timeoutMs: 5000 })).rejects.toThrow('says: since is too old');
    await expect(drain('127.0.0.1:1', { since, timeoutMs: 5000 })).rejects.toThrow('cannot be reached');
    const endless = drain(address, { since, pods: ['shop/'], timeoutMs: 300 });
    await expect(endless).rejects.toThrow(RelayError);
    await expect(endless).rejects.toThrow('did not end in time');
    expect(asked.at(-1)?.whitelist).toEqual([{ source_pod: ['shop/'] }, { destination_pod: ['shop/'] }]);
  });
});
