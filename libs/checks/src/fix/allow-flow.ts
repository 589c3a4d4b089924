import { protocolName } from '#engine';
import type { Endpoint, Protocol } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { endpointName } from '../context/made-up-endpoint.js';
import { allowHalf } from './allow-half.js';
import type { Fix } from './fix.js';
import { applyObjects } from './make-fix.js';

/** What opens a flow: a policy for each half that is denied. Null when none is, or when no policy of a pod denies it. */
export function allowFlow(
  context: AuditContext,
  source: Endpoint,
  destination: Endpoint,
  flow: { readonly protocol: Protocol; readonly port: number },
): Fix | null {
  const decision = context.decide(source, destination, flow.protocol, flow.port);
  const subjects = { egress: source, ingress: destination };
  const denied = (['egress', 'ingress'] as const).filter(
    (half) => decision?.[half].verdict === 'deny' && subjects[half].kind === 'pod',
  );
  if (denied.length === 0) return null;
  const title = `let ${endpointName(source)} reach ${endpointName(destination)} on ${protocolName(flow.protocol)} ${flow.port}`;
  return applyObjects(
    title,
    denied.map((half) => allowHalf(context, source, destination, flow, half)),
  );
}
