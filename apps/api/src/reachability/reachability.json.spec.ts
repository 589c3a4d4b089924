import { describe, expect, it } from '@jest/globals';
import type { Provenance } from '#analysis';
import { ask, compileSnapshot, parsePeer, type Answer, type FlowQuestion } from '#engine';
import { factsOf, knownCni, rawNamespace, rawNetworkPolicy, rawPod } from '#engine/testing';
import { reachabilityBody } from './reachability.body.js';
import { reachabilityJson } from './reachability.json.js';
import { reachabilityToBody } from './reachability.mapper.js';

const PROVENANCE: Provenance = {
  asOf: {
    clusterId: '7d444840-9dc0-11d1-b245-5ffdce74fad2',
    cluster: 'a "cluster" → with \\ and ü',
    seq: 7,
    takenAt: new Date('2026-11-23T09:54:25.006Z'),
    stalenessMs: 1_234,
  },
  completeness: { complete: false, incomplete: [{ kind: 'Pod', reason: 'forbidden: "pods"\n' }] },
  engineVersion: '1',
};

const NAMESPACES = ['shop', 'pay'];
const PODS = 110;

function pod(namespace: string, i: number): unknown {
  return rawPod(`${namespace}/pod-${String(i)}`, {
    labels: { app: `app-${String(i % 5)}`, own: String(i) },
    ip: `10.${String(NAMESPACES.indexOf(namespace))}.0.${String(i + 1)}`,
    node: 'n1',
    ports: [{ name: 'http', containerPort: 8080 }],
  });
}

const OBJECTS: readonly unknown[] = [
  ...NAMESPACES.map((name) => rawNamespace(name, { name })),
  ...NAMESPACES.flatMap((namespace) => Array.from({ length: PODS }, (_, i) => pod(namespace, i))),
  rawNetworkPolicy('pay/deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
  // Told apart by their own labels: a flow for each.
  ...Array.from({ length: PODS }, (_, i) =>
    rawNetworkPolicy(`pay/from-${String(i)}`, {
      podSelector: { matchLabels: { own: String(i) } },
      ingress: [
        { from: [{ podSelector: { matchLabels: { app: 'app-1' } } }], ports: [{ port: 8080 + (i % 2) }] },
        { from: [{ namespaceSelector: {} }], ports: [{ port: 443 }] },
      ],
    }),
  ),
  rawNetworkPolicy('pay/odd', { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 'not an address' } }] }] }),
];

/** Lets some requests through, where Cilium is there. */
const READS = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { namespace: 'shop', name: 'reads' },
  spec: {
    endpointSelector: { matchLabels: { own: '3' } },
    ingress: [
      {
        fromEndpoints: [{}],
        toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }], rules: { http: [{ method: 'GET', path: '/a"b' }] } }],
      },
    ],
  },
};

const SNAPSHOT = compileSnapshot(factsOf(...OBJECTS));
const OF_CILIUM = compileSnapshot(factsOf(...OBJECTS, READS), {
  cni: knownCni('cilium', {
    version: '1.16.1',
    evidence: [{ source: 'DaemonSet kube-system/cilium', detail: 'image "cilium"', weight: 0.9 }],
    options: { 'enable-policy': 'default' },
  }),
});

function answerTo(from: string, to: string, port: number | null, snapshot = SNAPSHOT): Answer {
  const [source, destination] = [from, to].map((text) => {
    const read = parsePeer(text);
    if (!('peer' in read)) throw new Error(read.error);
    return read.peer;
  }) as [FlowQuestion['source'], FlowQuestion['destination']];
  const result = ask(snapshot, { source, destination, protocol: 6, port });
  if (result.type === 'notFound') throw new Error(result.error.message);
  return result.answer;
}

const PEERS = ['shop/pod-0', 'pay/pod-0', 'pay/pod-1', 'ip:203.0.113.9'];
const ANSWERS = [
  ...PEERS.flatMap((from) =>
    PEERS.filter((to) => to !== from).flatMap((to) => [443, 8080, null].map((port) => answerTo(from, to, port))),
  ),
  answerTo('pay/pod-1', 'namespace:pay', 8080),
  answerTo('shop/pod-0', 'shop/pod-3', 443, OF_CILIUM),
  ...['labels:shop/app=app-1', 'pods:pay/app=app-2', 'host:example.com', 'pod:shop/pod-3', 'ip:10.0.0.0/30'].flatMap(
    (peer) => [answerTo(peer, 'pay/pod-1', 443), answerTo('pay/pod-1', peer, 443)],
  ),
];

describe('reachabilityJson', () => {
  it('is the JSON of the body, byte by byte, of answers of every length', () => {
    for (const answer of ANSWERS) {
      expect(reachabilityJson(answer, PROVENANCE).toString()).toBe(
        JSON.stringify(reachabilityToBody(answer, PROVENANCE)),
      );
    }
    const flows = ANSWERS.map((answer) => answer.flows.length);
    expect([Math.min(...flows), Math.max(...flows)]).toEqual([1, 100]);
  });

  it('is compared so for answers that have something in each of their lists', () => {
    const flows = ANSWERS.flatMap((answer) => answer.flows);
    const steps = [...ANSWERS, ...flows].flatMap((each) => each.steps);
    const lists: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
      fixes: ANSWERS.map(({ fixes }) => fixes),
      assumptions: ANSWERS.map(({ assumptions }) => assumptions),
      diagnostics: ANSWERS.map(({ diagnostics }) => diagnostics),
      onlyFor: flows.map(({ onlyFor }) => onlyFor),
      rules: steps.map(({ rules }) => rules),
      nearMisses: steps.map(({ nearMisses }) => nearMisses),
    };
    const empty = Object.keys(lists).filter((name) => lists[name]?.every(({ length }) => length === 0));
    expect(empty).toEqual([]);
  });

  it('is so of an answer without flows and of one with words that need escapes', () => {
    const [answer] = ANSWERS as [Answer];
    const odd = { ...answer, summary: 'a "quote", a \\, \u0001, a line\nend, 😀 and half of one \ud83d' };
    for (const each of [odd, { ...answer, flows: [], steps: [] }]) {
      expect(reachabilityJson(each, PROVENANCE).toString()).toBe(JSON.stringify(reachabilityToBody(each, PROVENANCE)));
    }
  });

  it('has what the schema has, and nothing else', () => {
    for (const answer of ANSWERS.slice(0, 20)) {
      const body: unknown = JSON.parse(reachabilityJson(answer, PROVENANCE).toString());
      expect(reachabilityBody.parse(body)).toEqual(body);
    }
  });
});
