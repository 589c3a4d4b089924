import { finish, groupBy, objectLabel, ReachRows, TCP } from '#engine';
import type { Endpoint } from '#engine';

import { somePort, type AuditContext } from '../context/audit-context.js';
import { withoutRule } from '../context/open-rules.js';
import type { AskedPort } from '../context/rule-ports.js';
import { PODS_AND_POLICIES } from '../context/sources.js';
import type { WorkloadView } from '../context/workload-view.js';
import { ZONE, zoneOf } from '../context/zones.js';
import { defineCheck } from '../define-check.js';
import { defaultDeny } from '../fix/default-deny.js';
import type { Fix } from '../fix/fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** Annotation of a namespace: the zones that it may open connections to, with commas between; its own always. */
const REACHES = 'netpol-atlas/zone-reaches';

/** EXP-08. */
export const check = defineCheck({
  id: 'zone-violation',
  number: 'EXP-08',
  area: 'exposure',
  core: false,
  title: 'a zone may be reached from a zone that was declared apart from it',
  description:
    'Zones are what owners say by the label or annotation netpol-atlas/zone of a namespace or pod; netpol-atlas/zone-reaches of a namespace lists the zones that it may open connections to. Asks every pair of workloads of two zones on the ports that the receiver declares, and finds pairs of zones that are connected though nobody said that they may be.',
  remediation: 'Close the way between the two, or declare it in netpol-atlas/zone-reaches of the sending namespace.',
  severity: 'high',
  confidence: 'certain',
  scope: 'cluster',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['PCI-11.4.5', 'SC-7(21)', 'A.8.22'],
  references: ['https://csrc.nist.gov/projects/cprt/catalog#/cprt/framework/version/SP_800_53_5_1_1/home'],
  run(context) {
    const zoned = context.workloads.flatMap((workload) => {
      const [pod] = workload.endpoints;
      const zone = pod === undefined ? '' : zoneOf(context, pod);
      return pod === undefined || zone === '' ? [] : [{ workload, pod, zone }];
    });
    const zones = [...new Set(zoned.map(({ zone }) => zone))];
    if (zones.length < 2) return { outcome: 'not-applicable', reason: `nobody declared two zones by ${ZONE}` };
    const findings = crossings(context, zoned).map((crossing) => findingFor(context, crossing));
    return conclude({ examined: zoned.length, findings, nothing: 'no zone has a workload' });
  },
});

interface Zoned {
  readonly workload: WorkloadView;
  readonly pod: Endpoint;
  readonly zone: string;
}

function mayReach(context: AuditContext, { namespace }: Endpoint, zone: string): boolean {
  const listed = context.snapshot.index.namespaces.get(namespace)?.meta.annotations[REACHES] ?? '';
  return listed.split(',').some((each) => each.trim() === zone);
}

/** A connection between two zones that policy lets pass. */
interface Crossing {
  readonly from: Zoned;
  readonly to: Zoned;
  readonly open: AskedPort;
}

/** One connection for each zone that may be reached from another one though nobody said so. */
function crossings(context: AuditContext, zoned: readonly Zoned[]): readonly Crossing[] {
  const rows = finish(ReachRows.open(context.snapshot, 'intended'));
  const receivers = new Receivers(rows, zoned);
  const found = new Map<string, Crossing>();
  const isWanted = (source: number): boolean => receivers.byClass.has(source);
  for (const step of rows.sources({ wanted: isWanted })) {
    if (found.size === receivers.pairs) break;
    if (step === null) continue;
    for (const from of receivers.byClass.get(step.source) ?? []) {
      for (const zone of receivers.zones) {
        const key = JSON.stringify([from.zone, zone]);
        if (from.zone === zone || found.has(key) || mayReach(context, from.pod, zone)) continue;
        for (const { to, open } of receivers.reached(zone, step.rows)) {
          // Rows do not tell the address families of a pair apart.
          if (context.verdict(from.pod, to.pod, open.protocol, open.port) !== 'allow') continue;
          found.set(key, { from, to, open });
          break;
        }
      }
    }
  }
  return [...found.values()];
}

/** Workloads of zones by the classes of the rows, of which policy treats all members alike. */
class Receivers {
  readonly byClass: ReadonlyMap<number, readonly Zoned[]>;
  /** By zone and port class, who serves the port, as bits of classes. */
  readonly #serving = new Map<string, Map<number, Uint32Array>>();
  readonly #rows: ReachRows;
  readonly #portClasses = new Map<string, number>();

  constructor(rows: ReachRows, zoned: readonly Zoned[]) {
    this.#rows = rows;
    const numbers = new Map(rows.endpoints.map((endpoint, at) => [endpoint, rows.classes.classOf[at] as number]));
    this.byClass = groupBy(zoned, ({ pod }) => numbers.get(pod) as number);
    for (const [number, members] of this.byClass) {
      for (const { zone, pod } of members) {
        for (const asked of portsOf(pod)) this.#add(zone, this.#portClass(asked), number);
      }
    }
  }

  get zones(): Iterable<string> {
    return this.#serving.keys();
  }

  /** Of two zones that differ. */
  get pairs(): number {
    return this.#serving.size * (this.#serving.size - 1);
  }

  /** Who of a zone may be reached by the rows of a source, and where. */
  *reached(zone: string, rows: readonly Uint32Array[]): Generator<Omit<Crossing, 'from'>> {
    for (const [port, serving] of this.#serving.get(zone) ?? []) {
      for (const [at, word] of serving.entries()) {
        for (let both = word & (rows[port]?.[at] ?? 0); both !== 0; both &= both - 1) {
          const members = this.byClass.get(at * 32 + (31 - Math.clz32(both & -both))) ?? [];
          for (const to of members.filter((member) => member.zone === zone)) {
            const open = portsOf(to.pod).find((asked) => this.#portClass(asked) === port);
            if (open !== undefined) yield { to, open };
          }
        }
      }
    }
  }

  #add(zone: string, port: number, number: number): void {
    const byPort = this.#serving.get(zone) ?? new Map<number, Uint32Array>();
    this.#serving.set(zone, byPort);
    const bits = byPort.get(port) ?? new Uint32Array(this.#rows.words);
    byPort.set(port, bits);
    bits[number >>> 5] = (bits[number >>> 5] as number) | (1 << (number & 31));
  }

  #portClass({ protocol, port }: AskedPort): number {
    const key = `${protocol} ${port}`;
    let found = this.#portClasses.get(key);
    if (found === undefined) {
      found = this.#rows.ports.findIndex(({ pieces }) =>
        pieces.some(([spoken, from, to]) => spoken === protocol && from <= port && port <= to),
      );
      this.#portClasses.set(key, found);
    }
    return found;
  }
}

/** The ports that a pod declares; the one that is asked for where it declares none. */
function portsOf(pod: Endpoint): readonly AskedPort[] {
  const declared = pod.ports.filter(({ init }) => !init);
  return declared.length === 0 ? [{ protocol: TCP, port: somePort(pod) }] : declared;
}

function findingFor(context: AuditContext, { from, to, open }: Crossing): FindingDraft {
  return {
    title: `zone ${from.zone} may reach zone ${to.zone}`,
    scope: 'cluster',
    object: null,
    pointer: `${from.zone} → ${to.zone}`,
    related: [from.workload.ref, to.workload.ref],
    evidence: [
      { what: `of ${from.zone}`, value: objectLabel(from.workload.ref) },
      { what: `of ${to.zone}`, value: objectLabel(to.workload.ref) },
    ],
    counterexample: context.flow(from.pod, to.pod, open.protocol, open.port),
    fix: closing(context, from, to, open),
  };
}

/** The rule that lets it in goes; where none speaks, the namespace is closed. */
function closing(context: AuditContext, from: Zoned, to: Zoned, { protocol, port }: AskedPort): Fix | null {
  const { namespace } = to.workload;
  if (context.isolation(to.pod, 'ingress').isolated === 'no') return defaultDeny(context, namespace, ['ingress']);
  const [rule] = context.decide(from.pod, to.pod, protocol, port)?.ingress.determining ?? [];
  return rule === undefined ? null : withoutRule(context, rule.policy, rule.pointer);
}
