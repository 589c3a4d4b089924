import { describe, expect, it } from '@jest/globals';

import type { SeenFlow } from '#engine';

import { readFlows } from './read-flows.js';

const lines = (...records: readonly unknown[]): string =>
  records.map((record) => (typeof record === 'string' ? record : JSON.stringify(record))).join('\n');
/** The sender in every form of Antrea's records. */
const WEB_OF_ANTREA = { namespace: 'shop', pod: 'web-0', address: '10.10.0.5' };
const only = (record: unknown): SeenFlow => {
  const { flows, problems } = readFlows(lines(record));
  expect(problems).toEqual([]);
  expect(flows).toHaveLength(1);
  return flows[0] as SeenFlow;
};

const HUBBLE = {
  flow: {
    time: '2026-11-26T10:00:00.123456789Z',
    verdict: 'DROPPED',
    drop_reason_desc: 'POLICY_DENIED',
    IP: { source: '10.244.1.4', destination: '10.244.2.9', ipVersion: 'IPv4' },
    l4: { TCP: { source_port: 41000, destination_port: 8443, flags: { SYN: true } } },
    source: {
      namespace: 'shop',
      pod_name: 'api-7c9d8f-bx2zq',
      labels: ['k8s:app=api', 'k8s:io.kubernetes.pod.namespace=shop', 'k8s:io.cilium.k8s.policy.cluster=default'],
      workloads: [{ name: 'api', kind: 'Deployment' }],
    },
    destination: { namespace: 'payments', pod_name: 'gateway-hj6qx-q6gcz', labels: ['k8s:app=gateway'] },
    Type: 'L3_L4',
    node_name: 'default/worker-1',
    destination_names: ['pay.example.com.'],
    traffic_direction: 'INGRESS',
    is_reply: false,
    ingress_denied_by: [{ name: 'default-deny', namespace: 'payments' }],
  },
  node_name: 'default/worker-1',
  time: '2026-11-26T10:00:00.123456789Z',
};

describe('flows are read of', () => {
  it('Hubble', () => {
    expect(only(HUBBLE)).toMatchObject({
      source: {
        namespace: 'shop',
        pod: 'api-7c9d8f-bx2zq',
        workload: 'api',
        labels: { app: 'api' },
        address: '10.244.1.4',
      },
      destination: { namespace: 'payments', pod: 'gateway-hj6qx-q6gcz', hostNames: ['pay.example.com'] },
      protocol: 6,
      port: 8443,
      direction: 'ingress',
      verdict: 'dropped',
      reason: 'POLICY_DENIED',
      policies: ['payments/default-deny'],
      firstSeen: '2026-11-26T10:00:00.123Z',
    });
    const fromHost = { ...HUBBLE.flow, source: { labels: ['reserved:host'] } };
    expect(only({ flow: fromHost }).source).toMatchObject({ node: 'worker-1', namespace: '' });
    expect(only({ ...HUBBLE.flow, l4: { ICMPv4: { type: 8 } } })).toMatchObject({ protocol: 1, port: null });
  });

  it('Hubble, without what is no flow, and with what was lost', () => {
    const read = readFlows(
      lines(
        { flow: { ...HUBBLE.flow, is_reply: true } },
        { flow: { ...HUBBLE.flow, verdict: 'TRACED' } },
        { flow: { ...HUBBLE.flow, l4: undefined } },
        { node_status: { state_change: 'NODE_CONNECTED' } },
        { lost_events: { source: 'HUBBLE_RING_BUFFER', num_events_lost: '7' } },
      ),
    );
    expect(read).toMatchObject({
      flows: [],
      problemCount: 0,
      lost: 7,
      leftOut: {
        replies: 1,
        'events without a verdict': 1,
        'traffic without a protocol that policy knows': 1,
        'news of nodes and agents': 1,
      },
    });
  });

  it('flow logs of Calico', () => {
    const log = {
      start_time: 1764151200,
      end_time: 1764151500,
      source_ip: null,
      source_name: '-',
      source_name_aggr: 'web-6b7c9-*',
      source_namespace: 'shop',
      source_type: 'wep',
      source_labels: { labels: ['app=web', 'pod-template-hash=6b7c9'] },
      dest_ip: '203.0.113.9',
      dest_name: '-',
      dest_name_aggr: 'pub',
      dest_namespace: '-',
      dest_type: 'net',
      dest_port: 443,
      dest_domains: ['example.com'],
      proto: 'tcp',
      action: 'allow',
      reporter: 'src',
      policies: {
        all_policies: ['0|default|shop/default.web-egress|allow|1', '1|__PROFILE__|__PROFILE__.kns.shop|allow|0'],
      },
      num_flows: 4,
    };
    expect(only(log)).toMatchObject({
      source: { namespace: 'shop', pod: 'web-6b7c9-*', labels: { app: 'web' }, address: '' },
      destination: { namespace: '', address: '203.0.113.9', hostNames: ['example.com'] },
      port: 443,
      direction: 'egress',
      verdict: 'forwarded',
      policies: ['shop/web-egress'],
      count: 4,
      lastSeen: '2025-11-26T10:05:00.000Z',
    });
    expect(only({ ...log, action: 'deny', reporter: 'dst' })).toMatchObject({
      verdict: 'dropped',
      direction: 'ingress',
    });
  });

  it('Goldmane, one a line or all in one answer', () => {
    const flow = {
      start_time: '2026-11-26T10:00:00Z',
      end_time: '2026-11-26T10:00:15Z',
      action: 'Deny',
      source_name: 'web-6b7c9-*',
      source_namespace: 'shop',
      source_labels: 'app=web | tier=front',
      dest_name: 'db-*',
      dest_namespace: 'shop',
      dest_labels: 'app=db',
      protocol: 'tcp',
      dest_port: 5432,
      reporter: 'Dst',
      policies: {
        enforced: [
          {
            kind: 'EndOfTier',
            tier: 'default',
            action: 'Deny',
            trigger: { kind: 'NetworkPolicy', namespace: 'shop', name: 'db-deny' },
          },
        ],
      },
    };
    expect(only(flow)).toMatchObject({
      source: { pod: 'web-6b7c9-*', labels: { app: 'web', tier: 'front' } },
      port: 5432,
      verdict: 'dropped',
      policies: ['shop/db-deny'],
    });
    const answer = { total: { totalPages: 1 }, items: [flow, flow] };
    expect(readFlows(JSON.stringify(answer)).flows).toHaveLength(2);
    expect(readFlows(JSON.stringify(answer, null, 2)).flows).toHaveLength(2);
    expect(readFlows(`data: ${lines(flow)}\n\ndata: ${lines(flow)}\n`)).toMatchObject({
      flows: [{ port: 5432 }, { port: 5432 }],
      problems: [],
    });
  });

  it('Antrea, as JSON and as its log', () => {
    const record = {
      flowStartSeconds: 1764151200,
      flowEndSeconds: 1764151260,
      sourceIPv4Address: '10.10.0.5',
      destinationIPv4Address: '10.10.1.2',
      sourceTransportPort: 44752,
      destinationTransportPort: 53,
      protocolIdentifier: 17,
      sourcePodName: 'web-0',
      sourcePodNamespace: 'shop',
      sourcePodLabels: '{"app":"web"}',
      destinationPodName: 'coredns-78fcd69978-x2twv',
      destinationPodNamespace: 'kube-system',
      ingressNetworkPolicyRuleAction: 0,
      egressNetworkPolicyName: 'web',
      egressNetworkPolicyNamespace: 'shop',
      egressNetworkPolicyRuleAction: 1,
    };
    const wanted = {
      source: WEB_OF_ANTREA,
      destination: { namespace: 'kube-system', pod: 'coredns-78fcd69978-x2twv', address: '10.10.1.2' },
      protocol: 17,
      port: 53,
      verdict: 'forwarded',
      policies: ['shop/web'],
    };
    expect(only(record)).toMatchObject({ ...wanted, source: { ...WEB_OF_ANTREA, labels: { app: 'web' } } });
    expect(only({ ipfix: record })).toMatchObject(wanted);
    const log =
      '1764151200,1764151260,10.10.0.5,10.10.1.2,44752,53,UDP,web-0,shop,n1,coredns-78fcd69978-x2twv,kube-system,n2,,0,,,,,NoAction,,web,shop,,Allow,K8s,,,,,';
    expect(only(log)).toMatchObject(wanted);
    expect(only(log.replace('Allow', 'Drop'))).toMatchObject({ verdict: 'dropped', direction: 'egress' });
    const table =
      'sourceIP,destinationIP,destinationTransportPort,protocolIdentifier,sourcePodName,sourcePodNamespace\n10.10.0.5,"8.8.8.8",443,6,web-0,shop';
    expect(readFlows(table).flows).toMatchObject([
      { source: { pod: 'web-0' }, destination: { address: '8.8.8.8' }, port: 443 },
    ]);
  });

  it('Antrea, as its messages and as what it uploads', () => {
    const message = {
      id: '7f6e',
      ipfix: { exportTime: '2026-11-26T10:01:00Z', exporterIp: '10.10.0.1' },
      startTs: '2026-11-26T10:00:00Z',
      endTs: '2026-11-26T10:01:00Z',
      ip: { version: 'IP_VERSION_4', source: 'CgoABQ==', destination: 'CgoBAg==' },
      transport: { protocolNumber: 6, sourcePort: 44752, destinationPort: 8080, TCP: { stateName: 'ESTABLISHED' } },
      k8s: {
        flowType: 'FLOW_TYPE_INTER_NODE',
        sourcePodNamespace: 'shop',
        sourcePodName: 'web-0',
        sourcePodLabels: { labels: { app: 'web' } },
        destinationPodNamespace: 'shop',
        destinationPodName: 'api-0',
        ingressNetworkPolicyType: 'NETWORK_POLICY_TYPE_ACNP',
        ingressNetworkPolicyName: 'closed',
        ingressNetworkPolicyRuleAction: 'NETWORK_POLICY_RULE_ACTION_DROP',
      },
    };
    const wanted = {
      source: WEB_OF_ANTREA,
      destination: { namespace: 'shop', pod: 'api-0', address: '10.10.1.2' },
      protocol: 6,
      port: 8080,
      verdict: 'dropped',
      direction: 'ingress',
      policies: ['closed'],
    };
    expect(only(message)).toMatchObject({ ...wanted, source: { ...WEB_OF_ANTREA, labels: { app: 'web' } } });
    const stream = lines({ resumeToken: { streamEpoch: 'a' } }, { flows: [message, message], resumeToken: {} });
    expect(readFlows(stream)).toMatchObject({
      flows: [wanted, wanted],
      problems: [],
      leftOut: { 'news of the stream': 1 },
    });
    const six = { ...message, ip: { version: 'IP_VERSION_6', source: 'IAENuAAAAAAAAAAAAAAABQ==' } };
    expect(only(six).source.address).toBe('2001:db8::5');
    const uploaded =
      '1764151200,1764151260,1764151260,1764151259,3,10.10.0.5,10.10.1.2,44752,8080,6,9,900,9,900,8,800,8,800,web-0,shop,n1,api-0,shop,n2,10.96.3.4,80,shop/api:http,closed,,r1,2,3,,,,0,0,ESTABLISHED,2,\'{"app":"web","tier":"front"}\',\'{"app":"api"}\',1,1,1,1,1,1,7b6e,1764151261,,,,,';
    expect(only(uploaded)).toMatchObject({ ...wanted, lastSeen: '2025-11-26T10:01:00.000Z' });
  });

  it('Antrea, where only the Service is known', () => {
    const flow = only({
      destinationTransportPort: 8443,
      destinationServicePort: 443,
      destinationServicePortName: 'payments/gateway:https',
      protocolIdentifier: 6,
      sourcePodName: 'api-0',
      sourcePodNamespace: 'shop',
    });
    expect(flow).toMatchObject({ destination: { service: 'payments/gateway' }, port: 443 });
  });

  it('Inspektor Gadget', () => {
    const connect = {
      k8s: {
        namespace: 'shop',
        podName: 'web-0',
        podLabels: 'app=web,tier=front',
        owner: { kind: 'StatefulSet', name: 'web' },
      },
      src: { addr: '10.244.0.3', port: 40000, k8s: { kind: 'pod', namespace: 'shop', name: 'web-0' } },
      dst: { addr: '10.96.3.4', port: 80, version: 4, k8s: { kind: 'svc', namespace: 'shop', name: 'api' } },
      error: '',
      timestamp_raw: 1764151200123000000,
    };
    expect(only(connect)).toMatchObject({
      source: { namespace: 'shop', pod: 'web-0', workload: 'web', labels: { app: 'web', tier: 'front' } },
      destination: { service: 'shop/api', address: '10.96.3.4' },
      protocol: 6,
      port: 80,
      lastSeen: '2025-11-26T10:00:00.123Z',
    });
    expect(readFlows(lines({ ...connect, error: 'ECONNREFUSED' })).leftOut).toEqual({ 'connections that failed': 1 });
    const advised = {
      k8s: { namespace: 'shop', podName: 'db-0', podLabels: 'app=db' },
      endpoint: {
        addr: '10.244.0.9',
        port: 5432,
        proto: 'TCP',
        k8s: { kind: 'pod', namespace: 'shop', name: 'api-0' },
      },
      egress: 1,
    };
    expect(only(advised)).toMatchObject({ source: { pod: 'api-0' }, destination: { pod: 'db-0' }, port: 5432 });
    expect(only({ ...advised, egress: 0 })).toMatchObject({ source: { pod: 'db-0' }, destination: { pod: 'api-0' } });
    const accepted = { ...connect, type: 'accept', dst: { addr: '203.0.113.9', port: 51000, k8s: { kind: 'raw' } } };
    expect(only({ ...accepted, src: { addr: '10.244.0.3', port: 8080 } })).toMatchObject({
      source: { address: '203.0.113.9' },
      destination: { pod: 'web-0', address: '10.244.0.3' },
      port: 8080,
    });
    expect(readFlows(lines({ ...connect, dst: { addr: '127.0.0.1', port: 80 } })).leftOut).toEqual({
      'traffic inside of a pod': 1,
    });
    expect(readFlows(`${lines([connect, connect])}\n${lines([advised])}`).flows).toHaveLength(3);
    const older = {
      node: 'n1',
      namespace: 'shop',
      pod: 'web-0',
      type: 'normal',
      pktType: 'OUTGOING',
      proto: 'udp',
      port: 53,
      podLabels: { app: 'web' },
      remoteKind: 'svc',
      remoteName: 'kube-dns',
      remoteNamespace: 'kube-system',
    };
    expect(only(older)).toMatchObject({ destination: { service: 'kube-system/kube-dns' }, protocol: 17, port: 53 });
    expect(readFlows(lines({ type: 'debug', message: 'tracer attached' })).leftOut).toEqual({
      'news of the gadget': 1,
    });
  });

  it('anyone who writes them down', () => {
    expect(only({ src: 'shop/web', dst: '203.0.113.9', port: 443, count: 3 })).toMatchObject({
      source: { asked: 'shop/web' },
      verdict: 'forwarded',
      count: 3,
    });
  });
});

describe('hostile flows', () => {
  it('are told line by line, and the others are read', () => {
    const good = { src: 'shop/web', dst: 'shop/api', port: 80 };
    const read = readFlows(
      lines(
        good,
        '{"src":"shop/web","dst":',
        '',
        'null',
        '[1]',
        { hello: 'world' },
        { ...good, port: 99999 },
        { ...good, protocol: 'CARRIER' },
        { ...good, dst: 'a/b/c/d' },
        { ...good, verdict: 'maybe' },
        { flow: { ...HUBBLE.flow, l4: { TCP: {} } } },
        good,
      ),
    );
    expect(read.flows).toHaveLength(2);
    expect(read.problems.map(({ line }) => line)).toEqual([2, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(read.problems.slice(3).map(({ message }) => message)).toEqual([
      'it is a record of no known source, which are plain, Hubble, Calico, Antrea, Inspektor Gadget',
      '`99999` is no port, use 1 to 65535',
      '`CARRIER` is no protocol',
      expect.stringContaining('a/b/c/d'),
      '`maybe` is no verdict, use forwarded, dropped, audited, unknown',
      '`null` is no port, use 1 to 65535',
    ]);
  });
});
