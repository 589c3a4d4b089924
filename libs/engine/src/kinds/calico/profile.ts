import { field, textMap } from '../../base/index.js';
import type { AuxFact, Labels } from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { RawRules } from './calico.raw.js';
import type { RuleScope } from './entity.parse.js';
import { parseRules } from './rule.parse.js';

export const PROFILE = 'Profile.projectcalico.org';
export const NAMESPACE_PROFILE = 'kns.';
export const SERVICE_ACCOUNT_PROFILE = 'ksa.';
/** The profile of host endpoints that Calico makes itself. */
export const DEFAULT_ALLOW_PROFILE = 'projectcalico-default-allow';

/** A Profile object: rules after the last tier, and labels for the endpoints that name it. */
export interface Profile {
  readonly fact: AuxFact;
  readonly labels: Labels;
  readonly rules: RawRules;
  readonly problems: ProblemList;
}

export function readProfile(fact: AuxFact): Profile {
  const spec = field(fact.raw, 'spec');
  const problems = new ProblemList(fact.meta);
  const scope: RuleScope = { namespace: '', nets: 'either', takesNumbers: true };
  return {
    fact,
    labels: textMap(field(spec, 'labelsToApply')),
    rules: {
      ingress: parseRules(field(spec, 'ingress'), 'ingress', scope, '/spec/ingress', problems),
      egress: parseRules(field(spec, 'egress'), 'egress', scope, '/spec/egress', problems),
    },
    problems,
  };
}
