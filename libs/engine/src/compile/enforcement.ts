/** What is known of enforcement beside the policy set: nodes on which no policy agent runs. */
export interface Enforcement {
  readonly unenforcedNodes: ReadonlySet<string>;
}

export const ENFORCED_EVERYWHERE: Enforcement = { unenforcedNodes: new Set() };
