import type { Provenance } from '#analysis';
import { oncePer, type CniDetection, type Diagnostic } from '#engine';
import type { Body } from './schema-registry.js';
import type { asOfBody, cniBody, completenessBody, diagnosticBody } from './shared.body.js';

/** Provenance as JSON. */
export interface ProvenanceBody {
  readonly asOf: Body<typeof asOfBody>;
  readonly completeness: Body<typeof completenessBody>;
  readonly engineVersion: string;
}

export function provenanceToBody(provenance: Provenance): ProvenanceBody {
  const { asOf, completeness, engineVersion } = provenance;
  return {
    asOf: asOfToBody(asOf),
    completeness,
    engineVersion,
  };
}

export function asOfToBody(asOf: Provenance['asOf']): Body<typeof asOfBody> {
  const { clusterId, cluster, seq, takenAt, stalenessMs } = asOf;
  return { clusterId, cluster, seq, takenAt: timeText(takenAt), stalenessMs };
}

/** All answers of a snapshot have the same time. */
export const timeText = oncePer((time: Date): string => time.toISOString());

export function cniToBody({ networking, ...cni }: CniDetection): Body<typeof cniBody> {
  return { networking, ...cni, engines: cni.engines ?? [] };
}

export function diagnosticToBody(diagnostic: Diagnostic): Body<typeof diagnosticBody> {
  const { code, message, object, pointer } = diagnostic;
  const ref = object === null ? null : pickRef(object);
  return { code, class: diagnostic.class, message, object: ref, pointer };
}

/** Only the four fields that name an object: facts carry their whole metadata where a reference is asked for. */
export function pickRef(ref: NonNullable<Diagnostic['object']>): {
  group: string;
  kind: string;
  namespace: string;
  name: string;
} {
  return { group: ref.group, kind: ref.kind, namespace: ref.namespace, name: ref.name };
}
