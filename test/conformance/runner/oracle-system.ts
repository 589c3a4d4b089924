import {
  answer,
  parseAddress,
  readCluster,
  type Conventions,
  type OracleEndpoint,
  type OracleVerdict,
} from '../../differential/oracle/index.js';
import { SPEC } from '../../differential/oracle/index.js';
import type { Finding, SystemUnderTest } from './system-under-test.js';

/** The oracle behind the runner's interface, so that it is held to the same corpora as the engine. */
export function oracleSystem(
  manifests: readonly unknown[],
  conventions: Conventions = SPEC,
): SystemUnderTest<OracleEndpoint> {
  const cluster = readCluster(manifests);
  return {
    resolve(peer) {
      const named = /^(?:(.+)\/)?([^[]+)\[Pod\]$/.exec(peer);
      if (named !== null) return cluster.pods.filter((pod) => pod.namespace === named[1] && pod.name === named[2]);
      const address = parseAddress(peer);
      if (address === null) return [];
      const owns = (endpoint: OracleEndpoint): boolean =>
        endpoint.addresses.some((own) => own.family === address.family && own.value === address.value);
      const owner =
        cluster.pods.find((pod) => owns(pod) && !pod.hostNetwork && !pod.finished) ?? cluster.nodes.find(owns);
      return [owner ?? { type: 'outside', addresses: [address] }];
    },
    evaluate(source, destination, probe): Finding {
      const { verdict, egress, ingress } = answer(
        cluster,
        { source, destination, protocol: probe.protocol, port: probe.port },
        conventions,
      );
      const side = { rules: [], isolated: false };
      // A connection that depends on its request is let through, and the request refused.
      const plain = (word: OracleVerdict): Finding['verdict'] => (word === 'conditional' ? 'allow' : word);
      return {
        verdict: plain(verdict),
        egress: { ...side, verdict: plain(egress) },
        ingress: { ...side, verdict: plain(ingress) },
        requestDenied: false,
        explained: false,
        summary: 'oracle',
      };
    },
  };
}
