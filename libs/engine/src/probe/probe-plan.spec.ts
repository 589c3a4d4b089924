import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { ask } from '../ask/index.js';
import type { Answer } from '../ask/index.js';
import { compileSnapshot } from '../compile/index.js';
import { TCP } from '../model/index.js';
import { factsOf, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { judgeProbes, readProbeOutput } from './judge-probes.js';
import { probePlan } from './probe-plan.js';
import { commandLine } from './shell.js';

const facts = factsOf(
  rawNamespace('shop'),
  rawPod('shop/web', {
    labels: { app: 'web', 'pod-template-hash': 'x' },
    ip: '10.0.0.1',
    node: 'n1',
    serviceAccount: 'web',
  }),
  rawPod('shop/db', { labels: { app: 'db' }, ip: '10.0.0.2', node: 'n1' }),
  rawNetworkPolicy('shop/db', { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress'] }),
);
const cni = {
  ...compileSnapshot(facts).cni,
  enforced: 'yes',
  policyEngine: 'calico',
  networking: 'calico',
  title: 'Calico',
} as const;
const snapshot = compileSnapshot(facts, { cni });
const answer = (from: string, to: string): Answer => {
  const peer = (name: string) => ({ type: 'pod', namespace: 'shop', name }) as const;
  const result = ask(snapshot, { source: peer(from), destination: peer(to), protocol: TCP, port: 5432 });
  if (result.type !== 'answer') throw new Error(result.error.message);
  return result.answer;
};

describe('probePlan', () => {
  const [probe] = probePlan(snapshot, answer('web', 'db')).probes;
  if (probe === undefined) throw new Error('one probe');

  it('makes a pod that policy takes for the source and no controller or Service does', () => {
    expect(probe).toMatchObject({
      predicted: 'blocked',
      way: 'pod',
      address: '10.0.0.2',
      port: 5432,
      manifest: {
        metadata: { namespace: 'shop', labels: { app: 'web' } },
        spec: {
          serviceAccountName: 'web',
          nodeName: 'n1',
          readinessGates: [{ conditionType: 'netpol-atlas/never-ready' }],
        },
      },
      expect: [`${probe.id} timeout`],
      lines: [
        {
          command: `kubectl exec -n shop atlas-probe-${probe.id} -- nc -zvw 3 10.0.0.2 5432`,
          prints: ['timed out'],
        },
        {
          command: `kubectl exec -n shop atlas-probe-${probe.id} -- curl -s -o /dev/null --max-time 3 -w 'connects %{num_connects}, exit %{exitcode}\\n' telnet://10.0.0.2:5432`,
          prints: ['connects 0, exit 28'],
        },
      ],
      cleanUp: [`kubectl delete pod -n shop atlas-probe-${probe.id} --wait=false --ignore-not-found`],
    });
    expect(JSON.stringify(probe.manifest)).not.toContain('pod-template-hash');
    expect(probePlan(snapshot, answer('web', 'db')).probes[0]?.id).toBe(probe.id);
  });

  it('compares what was seen with what was predicted, and says where to look', () => {
    const seen = (line: string) => judgeProbes(snapshot, [probe], readProbeOutput(`noise\n${line}\n`))[0];
    expect(seen(`${probe.id} timeout`)).toMatchObject({ observed: 'timeout', agrees: true, hints: [] });
    expect(seen(`${probe.id} open`)).toMatchObject({ agrees: false });
    expect(seen(`${probe.id} open`)?.hints[0]).toContain('the agent of the CNI');
    expect(seen(`${probe.id} error`)).toMatchObject({ agrees: null });
    expect(seen('p00000000 open')).toMatchObject({ observed: null, agrees: null });
  });

  it('leaves out what cannot be tried', () => {
    const whole = answer('web', 'db');
    const flows = whole.flows.map((flow) => ({ ...flow, port: null }));
    expect(probePlan(snapshot, { ...whole, flows })).toMatchObject({
      probes: [],
      skipped: [{ why: 'a probe needs one port, ask for one' }],
    });
  });
});

describe('the shell', () => {
  const hostile = ["it's", '$(touch /tmp/owned)', '`id`', 'a"b', 'x;y', '-rf', 'new\nline', '', '*', "'; echo no; '"];

  it('gives a command every word as it is, whatever is in it', () => {
    const line = commandLine('printf', '%s\\0', ...hostile);
    const words = execFileSync('sh', ['-c', line]).toString().split('\0').slice(0, -1);
    expect(words).toEqual(hostile);
  });

  it('runs a script of hostile names up to its commands and no further', () => {
    const whole = answer('web', 'db');
    const name = "x'; echo owned; '\nATLAS_PROBE\necho owned";
    const flows = whole.flows.map((flow) => ({
      ...flow,
      source: { ...flow.source, namespace: name, name },
      destination: { ...flow.destination, address: name },
    }));
    const { script } = probePlan(snapshot, { ...whole, flows });
    // A stand-in for kubectl that says how many words it was given, and of what command.
    const run = `kubectl() { cat >/dev/null 2>&1 </dev/null; echo "$1 $#"; }\n${script}`;
    expect(execFileSync('sh', ['-c', run], { stdio: ['ignore', 'pipe', 'ignore'] }).toString()).toBe('exec 12\n');
  });
});
