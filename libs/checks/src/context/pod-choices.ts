import { compileSelector, groupBy, YES } from '#engine';
import type { Endpoint, Matcher, Selector } from '#engine';

import { NAME_LABEL } from './namespace-keys.js';
import { textOf } from './text-of.js';
import { workloadKey } from './workload-view.js';

/** Which pods selectors choose. Selectors that say the same are asked once and give the same list. */
export class PodChoices {
  readonly #matchers = new WeakMap<Selector, Matcher>();
  readonly #chosen = new Map<string, readonly Endpoint[]>();
  readonly #perWorkload = new WeakMap<readonly Endpoint[], readonly Endpoint[]>();
  #byNamespace: ReadonlyMap<string, readonly Endpoint[]> | undefined;

  constructor(private readonly pods: readonly Endpoint[]) {}

  matcher(selector: Selector): Matcher {
    let matcher = this.#matchers.get(selector);
    if (matcher === undefined) this.#matchers.set(selector, (matcher = compileSelector(selector)));
    return matcher;
  }

  /** The pods that a selector certainly matches; where it names namespaces, only theirs are looked at. */
  by(selector: Selector): readonly Endpoint[] {
    const text = textOf(selector);
    let found = this.#chosen.get(text);
    if (found === undefined) {
      const matcher = this.matcher(selector);
      found = this.#candidates(selector).filter((pod) => matcher(pod, pod) === YES);
      this.#chosen.set(text, found);
    }
    return found;
  }

  /** Every pod that one of some selectors matches, each once. */
  byAny(selectors: readonly Selector[]): readonly Endpoint[] {
    const [only] = selectors;
    if (only !== undefined && selectors.length === 1) return this.by(only);
    const text = selectors.map((selector) => textOf(selector)).join();
    let found = this.#chosen.get(text);
    if (found === undefined) {
      found = [...new Set(selectors.flatMap((selector) => this.by(selector)))];
      this.#chosen.set(text, found);
    }
    return found;
  }

  /** One pod of each workload among some, which must be a list that is kept. */
  perWorkload(pods: readonly Endpoint[]): readonly Endpoint[] {
    let found = this.#perWorkload.get(pods);
    if (found === undefined) {
      found = [...new Map(pods.map((pod) => [workloadKey(pod), pod])).values()];
      this.#perWorkload.set(pods, found);
    }
    return found;
  }

  #candidates(selector: Selector): readonly Endpoint[] {
    const names = namespacesNamed(selector);
    if (names === null) return this.pods;
    const byNamespace = (this.#byNamespace ??= groupBy(this.pods, (pod) => pod.namespace));
    const [only] = names;
    if (only !== undefined && names.length === 1) return byNamespace.get(only) ?? [];
    return names.flatMap((name) => byNamespace.get(name) ?? []);
  }
}

/** The namespaces that a selector is confined to by name, as its own test or by the label that every one has; null for any. */
function namespacesNamed(selector: Selector): readonly string[] | null {
  if (selector.type === 'namespace') return selector.names;
  if (selector.type === 'and') {
    for (const member of selector.of) {
      const names = namespacesNamed(member);
      if (names !== null) return names;
    }
    return null;
  }
  const byName = selector.type === 'label' && selector.owner === 'namespace' && selector.key === NAME_LABEL;
  return byName && selector.op === 'in' ? [...new Set(selector.values)] : null;
}
