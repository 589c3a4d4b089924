import type { BlastAnswer, WhyAnswer } from '#analysis';
import { reachabilityToBody } from '../reachability/reachability.mapper.js';
import { pickRef, provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import type { blastBody, whyBody } from './outside.body.js';

export function blastToBody({ blast, levers, ...provenance }: BlastAnswer): Body<typeof blastBody> {
  return {
    ...blast,
    hops: Number.isFinite(blast.hops) ? blast.hops : null,
    levers:
      levers === null
        ? null
        : { ...levers, levers: levers.levers.map((lever) => ({ ...lever, policy: pickRef(lever.policy) })) },
    ...provenanceToBody(provenance),
  };
}

export function whyToBody({ answer, fixes, ...provenance }: WhyAnswer): Body<typeof whyBody> {
  return { ...reachabilityToBody(answer, provenance), fixes };
}
