import type { JsonObject } from '../base/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import type { Answer, EndpointView, FlowView } from '../ask/answer.js';
import { stableLabels } from '../compile/stable-labels.js';
import { hashText } from '../normalise/hash-text.js';
import { handTools } from './by-hand.js';
import { commandLine, quote } from './shell.js';

/** What a probe prints behind its id. `refused`: it got there, and nothing listens. */
export const PROBE_OUTCOMES = ['open', 'refused', 'timeout', 'sent', 'error'] as const;
export type ProbeOutcome = (typeof PROBE_OUTCOMES)[number];

/** A command for a person to type; its output has one of `prints` in it when the prediction holds. */
export interface ProbeLine {
  readonly command: string;
  readonly prints: readonly string[];
}

/** How one flow of an answer is tried out in the cluster. */
export interface Probe {
  /** Equal for equal flows. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly address: string;
  readonly protocol: string;
  readonly port: number | null;
  readonly predicted: 'open' | 'blocked' | 'unknown';
  /** A pod of its own, a container beside the pod, a pod on the node, or a machine outside. */
  readonly way: 'pod' | 'debug' | 'node' | 'outside';
  /** The pod that is made; null where none is. */
  readonly manifest: JsonObject | null;
  readonly setUp: readonly string[];
  readonly run: string;
  /** The same with one tool at a time. */
  readonly lines: readonly ProbeLine[];
  /** The lines of which it must print one, when the prediction holds. */
  readonly expect: readonly string[];
  readonly cleanUp: readonly string[];
  readonly notes: readonly string[];
}

export interface ProbePlan {
  readonly probes: readonly Probe[];
  /** Flows that cannot be tried out, and why. */
  readonly skipped: readonly { readonly from: string; readonly to: string; readonly why: string }[];
  /** All of it for a POSIX shell; prints one line a probe and cleans up however it ends. */
  readonly script: string;
}

export interface ProbeOptions {
  /** Has `nc`, `ping` and `nslookup`. */
  readonly image?: string | undefined;
}

const IMAGE = 'nicolaka/netshoot:v0.13';
const MOST_PROBES = 20;
const SECONDS = 3;
/** Controllers that take in any pod of their labels, and would end ours. */
const ADOPTING: ReadonlySet<string> = new Set(['DaemonSet', 'ReplicaSet', 'ReplicationController']);

/** The commands that verify an answer. Nothing of it is run here. */
export function probePlan(snapshot: CompiledSnapshot, answer: Answer, { image = IMAGE }: ProbeOptions = {}): ProbePlan {
  const probes: Probe[] = [];
  const skipped: { from: string; to: string; why: string }[] = [];
  for (const flow of answer.flows) {
    const why = unfit(flow, probes.length);
    if (why === null) probes.push(probeOf(snapshot, flow, image));
    else skipped.push({ from: flow.source.label, to: flow.destination.label, why });
  }
  return { probes, skipped, script: scriptOf(probes) };
}

function unfit({ source, destination, protocol, port }: FlowView, made: number): string | null {
  if (made >= MOST_PROBES) return `the first ${MOST_PROBES} flows are tried out`;
  if (destination.address === '') return 'the destination has no address: no pod of it runs';
  if (source.kind === 'external' && source.address === '') return 'the source has no address';
  if (protocol !== 'ICMP' && protocol !== 'ICMPv6' && port === null) return 'a probe needs one port, ask for one';
  return null;
}

function probeOf(snapshot: CompiledSnapshot, flow: FlowView, image: string): Probe {
  const { source, destination, protocol, port } = flow;
  const id = `p${hashText(JSON.stringify([source.label, destination.label, destination.address, protocol, port])).slice(0, 8)}`;
  const endpoint = endpointOf(snapshot, source);
  const predicted =
    flow.enforced.verdict === 'allowed' ? 'open' : flow.enforced.verdict === 'denied' ? 'blocked' : 'unknown';
  const test = testOf(protocol, port);
  const inside = ['sh', '-c', test, 'atlas-probe', id, destination.address, String(port ?? '')];
  const outcomes = expectedOf(predicted, protocol);
  const whole = {
    id,
    from: source.label,
    to: destination.label,
    address: destination.address,
    protocol,
    port,
    predicted,
    expect: outcomes.map((outcome) => `${id} ${outcome}`),
  } as const;
  const { within, ...way } = wayOf(source, endpoint, id, image, protocol);
  const lines = handTools(protocol, destination.address, port, SECONDS).map(({ words, writes }) => ({
    command: commandLine(...within, ...words),
    prints: outcomes.flatMap((outcome) => writes[outcome] ?? []),
  }));
  return { ...whole, ...way, run: commandLine(...within, ...inside), lines };
}

function endpointOf(
  { directory }: CompiledSnapshot,
  { kind, namespace, name, workload }: EndpointView,
): Endpoint | null {
  if (kind === 'node' || kind === 'external') return null;
  const [ownerKind = '', owner = ''] = workload.split(' ');
  return directory.pod(namespace, name) ?? directory.workload(namespace, ownerKind, owner)[0] ?? null;
}

interface Way extends Pick<Probe, 'way' | 'manifest' | 'setUp' | 'cleanUp' | 'notes'> {
  /** The words before a command that have it run where the source is. */
  readonly within: readonly string[];
}

function wayOf(source: EndpointView, endpoint: Endpoint | null, id: string, image: string, protocol: string): Way {
  const none = { manifest: null, setUp: [], cleanUp: [] } as const;
  const notes = notesOf(protocol);
  if (source.kind === 'external') {
    return { ...none, way: 'outside', within: [], notes: [`run it at ${source.label}`, ...notes] };
  }
  if (source.kind === 'node') {
    const within = ['kubectl', 'debug', `node/${source.name}`, '-i', '-q', `--image=${image}`, '--'];
    return { ...none, way: 'node', within, notes: ['delete the pod that kubectl names when it is done', ...notes] };
  }
  if (endpoint !== null && !endpoint.hypothetical && ADOPTING.has(endpoint.workload?.kind ?? '')) {
    const where = ['-n', source.namespace, source.name, '-i', '-q', `--image=${image}`, `--container=atlas-${id}`];
    const within = ['kubectl', 'debug', ...where, '--'];
    const why = `a ${endpoint.workload?.kind ?? ''} takes in pods of its labels, so the probe runs beside the pod and goes with it`;
    return { ...none, way: 'debug', within, notes: [why, ...notes] };
  }
  const name = `atlas-probe-${id}`;
  const where = ['-n', source.namespace];
  const manifest = podManifest(name, source, endpoint, image, protocol);
  return {
    way: 'pod',
    manifest,
    setUp: [
      `kubectl apply -f - <<'ATLAS_PROBE'\n${JSON.stringify(manifest, null, 2)}\nATLAS_PROBE`,
      `kubectl wait ${commandLine(...where)} --for=jsonpath='{.status.phase}'=Running ${quote(`pod/${name}`)} --timeout=90s`,
    ],
    within: ['kubectl', 'exec', ...where, name, '--'],
    cleanUp: [commandLine('kubectl', 'delete', 'pod', ...where, name, '--wait=false', '--ignore-not-found')],
    notes,
  };
}

/** A pod that policy takes for the source and that no Service sends to: it never becomes ready. */
function podManifest(
  name: string,
  source: EndpointView,
  endpoint: Endpoint | null,
  image: string,
  protocol: string,
): JsonObject {
  const isPing = protocol.startsWith('ICMP');
  const confined = {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    runAsUser: 65534,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: source.namespace, labels: stableLabels(endpoint?.labels ?? {}) },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: 300,
      readinessGates: [{ conditionType: 'netpol-atlas/never-ready' }],
      ...(endpoint !== null && endpoint.serviceAccount !== '' ? { serviceAccountName: endpoint.serviceAccount } : {}),
      automountServiceAccountToken: false,
      ...(source.kind === 'hostpod' ? { hostNetwork: true } : {}),
      ...(source.node === '' ? {} : { nodeName: source.node }),
      containers: [
        { name: 'probe', image, command: ['sleep', '300'], ...(isPing ? {} : { securityContext: confined }) },
      ],
    },
  };
}

function testOf(protocol: string, port: number | null): string {
  const judge = 'case "$out" in *[Rr]efused*) echo "$1 refused";; *) echo "$1 timeout";; esac';
  if (protocol.startsWith('ICMP'))
    return `if ping -c 1 -W ${SECONDS} "$2" >/dev/null 2>&1; then echo "$1 open"; else echo "$1 timeout"; fi`;
  if (protocol === 'UDP' && port === 53) {
    return `if out=$(nslookup -timeout=${SECONDS} kubernetes.default "$2" 2>&1); then echo "$1 open"; else case "$out" in *NXDOMAIN*) echo "$1 open";; *) echo "$1 timeout";; esac; fi`;
  }
  if (protocol === 'UDP') return `if out=$(nc -zuvw ${SECONDS} "$2" "$3" 2>&1); then echo "$1 sent"; else ${judge}; fi`;
  const nc = protocol === 'SCTP' ? `ncat --sctp -zvw ${SECONDS}` : `nc -zvw ${SECONDS}`;
  return `if out=$(${nc} "$2" "$3" 2>&1); then echo "$1 open"; else ${judge}; fi`;
}

function expectedOf(predicted: Probe['predicted'], protocol: string): readonly ProbeOutcome[] {
  if (predicted === 'unknown') return PROBE_OUTCOMES;
  if (protocol === 'UDP') return predicted === 'open' ? ['open', 'sent', 'refused'] : ['timeout', 'sent'];
  // A policy may answer a client that it denies; whoever gets no connection cannot tell the two apart by that alone.
  return predicted === 'open' ? ['open', 'refused'] : ['timeout'];
}

function notesOf(protocol: string): readonly string[] {
  return protocol === 'UDP'
    ? ['`sent` proves nothing: nobody has to answer a datagram, look for it at the destination']
    : [];
}

function scriptOf(probes: readonly Probe[]): string {
  const lines = ['#!/bin/sh', '# Each probe prints its id and what it saw: open, refused, timeout, sent or error.'];
  const cleanUp = probes.flatMap((probe) => probe.cleanUp);
  if (cleanUp.length > 0)
    lines.push('clean_up() {', ...cleanUp.map((line) => `  ${line} >&2`), '}', 'trap clean_up EXIT INT TERM');
  for (const { id, predicted, expect, setUp, run, lines: byHand } of probes) {
    lines.push('', `# predicted ${predicted}, prints ${expect.join(' or ')}`);
    for (const { command, prints } of byHand)
      lines.push(...commented(`by hand: ${command}`, `prints ${prints.join(' or ')}`));
    // Only what probes saw is for standard output.
    if (setUp.length > 0) lines.push('{', ...setUp, '} >&2');
    lines.push(`${run} || echo ${quote(`${id} error`)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Names are other people's text: a line of theirs must not leave the comment. */
function commented(...texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.split('\n')).map((line) => `#   ${line}`);
}
