import type { L7Question, Labels, Protocol } from '../model/index.js';

/** One side of a question, as asked. Names are resolved against a compiled snapshot. */
export type PeerQuery =
  /** `namespace/name`: a pod, else a workload, else a Service of that name. */
  | { readonly type: 'name'; readonly namespace: string; readonly name: string }
  | { readonly type: 'pod'; readonly namespace: string; readonly name: string }
  /** Every pod of a workload; its template when it has none. `kind` is '' for any kind. */
  | { readonly type: 'workload'; readonly namespace: string; readonly kind: string; readonly name: string }
  | { readonly type: 'service'; readonly namespace: string; readonly name: string }
  | { readonly type: 'namespace'; readonly name: string }
  | { readonly type: 'node'; readonly name: string }
  | { readonly type: 'address'; readonly address: string }
  | { readonly type: 'block'; readonly cidr: string }
  | { readonly type: 'hostName'; readonly name: string }
  /** The pods that label selectors choose, in Kubernetes' text form; `namespaces` may be one name, `*` is all of them. */
  | { readonly type: 'selection'; readonly namespaces: string; readonly pods: string }
  /** A pod that need not exist; with `namespaceLabels` neither need its namespace, and `namespace` is ''. */
  | {
      readonly type: 'hypothetical';
      readonly namespace: string;
      readonly namespaceLabels?: Labels;
      readonly labels: Labels;
      readonly serviceAccount: string;
    };

/** Can `source` open a connection to `destination`? */
export interface FlowQuestion {
  readonly source: PeerQuery;
  readonly destination: PeerQuery;
  /** Defaults to TCP. */
  readonly protocol: Protocol;
  /** A number, a port name (of the Service or of the destination's container), or null: any port of the protocol. */
  readonly port: number | string | null;
  readonly sourcePort?: number;
  readonly icmp?: { readonly type: number; readonly code: number | null };
  readonly l7?: L7Question;
}
