import { both } from './selector.ast.js';
import type { CalicoSelector } from './selector.ast.js';

export const NAMESPACE_LABEL = 'projectcalico.org/namespace';
export const ORCHESTRATOR_LABEL = 'projectcalico.org/orchestrator';
export const SERVICE_ACCOUNT_LABEL = 'projectcalico.org/serviceaccount';
export const NAMESPACE_PREFIX = 'pcns.';
export const SERVICE_ACCOUNT_PREFIX = 'pcsa.';

const IN_A_NAMESPACE: CalicoSelector = { type: 'has', key: NAMESPACE_LABEL };
const WITH_AN_ACCOUNT: CalicoSelector = { type: 'has', key: SERVICE_ACCOUNT_LABEL };

/** The members of one namespace. */
export function inNamespace(namespace: string): CalicoSelector {
  return { type: 'test', key: NAMESPACE_LABEL, op: 'in', values: [namespace] };
}

/** A selector over namespaces as one over endpoints: `all()` is any namespace, `global()` is none. (CAL-24) */
export function overNamespaces(selector: CalicoSelector): CalicoSelector {
  return rewrite(selector, NAMESPACE_PREFIX, IN_A_NAMESPACE, { type: 'not', of: IN_A_NAMESPACE });
}

/** A selector over service accounts as one over endpoints. */
export function overServiceAccounts(selector: CalicoSelector): CalicoSelector {
  return rewrite(selector, SERVICE_ACCOUNT_PREFIX, { type: 'all' }, { type: 'global' });
}

/** The same where a policy chooses its subjects: `all()` asks for some service account. */
export function subjectServiceAccounts(selector: CalicoSelector): CalicoSelector {
  return rewrite(selector, SERVICE_ACCOUNT_PREFIX, WITH_AN_ACCOUNT, { type: 'global' });
}

/** Service accounts by name AND by selector, whichever is given. (CAL-26) */
export function serviceAccountScope(names: readonly string[], selector: CalicoSelector | null): CalicoSelector {
  const byName: CalicoSelector =
    names.length === 0 ? { type: 'all' } : { type: 'test', key: SERVICE_ACCOUNT_LABEL, op: 'in', values: names };
  return both(byName, selector === null ? { type: 'all' } : overServiceAccounts(selector));
}

function rewrite(
  selector: CalicoSelector,
  prefix: string,
  all: CalicoSelector,
  global: CalicoSelector,
): CalicoSelector {
  const inner = (member: CalicoSelector): CalicoSelector => rewrite(member, prefix, all, global);
  switch (selector.type) {
    case 'all':
      return all;
    case 'global':
      return global;
    case 'has':
    case 'test':
      return { ...selector, key: prefix + selector.key };
    case 'not':
      return { type: 'not', of: inner(selector.of) };
    case 'and':
    case 'or':
      return { type: selector.type, of: selector.of.map(inner) };
  }
}
