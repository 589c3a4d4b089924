import { TCP } from '#engine';
import type { Direction, Endpoint } from '#engine';

import { defaultDeny } from '../fix/default-deny.js';
import { operatorTask } from '../fix/make-fix.js';
import type { Fix } from '../fix/fix.js';
import { conclude, type CheckOutcome, type Counterexample, type FindingDraft } from '../model/finding.js';
import { somePort, type AuditContext, type NamespaceView } from './audit-context.js';
import { internetFor } from './example-address.js';

/** Finds namespaces in which the next pod, whatever its labels, would be open in a direction. */
export function openByDefault(context: AuditContext, direction: Direction): CheckOutcome {
  const findings: FindingDraft[] = [];
  const open: string[] = [];
  for (const namespace of context.namespaces) {
    const next = context.newPod(namespace.name);
    const { isolated } = context.isolation(next, direction);
    if (isolated === 'unknown')
      open.push(`whether ${namespace.name} is closed depends on a policy that is not evaluated`);
    if (isolated === 'no') findings.push(finding(context, namespace, direction, next));
  }
  return conclude({ examined: context.namespaces.length, findings, open, nothing: 'no namespace has pods' });
}

function finding(context: AuditContext, namespace: NamespaceView, direction: Direction, next: Endpoint): FindingDraft {
  const bare = namespace.pods.filter((pod) => context.isolation(pod, direction).isolated === 'no');
  return {
    title: `${namespace.name} has no default deny for ${direction}`,
    ...(namespace.system ? { severity: 'low' } : {}),
    scope: 'namespace',
    object: namespace.ref,
    evidence: [
      { what: 'a new pod without labels', value: `no policy isolates it for ${direction}` },
      { what: 'pods open today', value: `${bare.length} of ${namespace.pods.length}` },
    ],
    counterexample: exampleFlow(context, direction, bare[0] ?? next),
    fix: closingFix(context, namespace, [direction]),
  };
}

/** What being open lets pass: someone of another namespace comes in, or the pod goes out to the internet. */
export function exampleFlow(context: AuditContext, direction: Direction, subject: Endpoint): Counterexample {
  if (direction === 'egress') return context.flow(subject, internetFor(subject), TCP, 443);
  const port = somePort(subject);
  return context.flow(context.outsider(subject, TCP, port) ?? context.stranger, subject, TCP, port);
}

/** A default deny; none is generated for namespaces of the platform, where it may take the cluster down. */
export function closingFix(context: AuditContext, namespace: NamespaceView, directions: readonly Direction[]): Fix {
  if (!namespace.system) return defaultDeny(context, namespace.name, directions);
  const note = 'what the platform needs is not known here: write its policies with its vendor’s documentation at hand';
  return operatorTask(`write policies for ${namespace.name} by hand`, note);
}
