import { atLeast, hasSince } from '../../cni/version.js';
import type { Semantics } from '../../model/index.js';
import { peersAreLocal } from '../shared/index.js';

/** The switches of `cilium-config` that change what a policy means, with the agent's defaults applied. */
export interface CiliumOptions {
  readonly hostFirewall: boolean;
  readonly nodeSelectorLabels: boolean;
  readonly l7Proxy: boolean;
  readonly icmpRules: boolean;
  /** `enableDefaultDeny` came with 1.16; the switch that turns it off is not read before 1.20.2. */
  readonly nonDefaultDeny: boolean;
  readonly extendedProtocols: boolean;
  /** Whether its proxy cleans paths of requests before it looks at them. */
  readonly normalPaths: boolean;
  /** GRE, ESP and others among them, which came with 1.20. */
  readonly tunnelProtocols: boolean;
  /** Rules about Kafka and other protocols went with 1.20; kept while the version is not known. */
  readonly otherParsers: boolean;
  /** Entity `cluster-mesh` came with 1.20. */
  readonly meshEntity: boolean;
  /** Entity `namespace` is not in 1.20 yet. */
  readonly namespaceEntity: boolean;
  /** Endpoint peers are of this cluster unless they name one. */
  readonly localPeers: boolean;
  /** The cluster is one of several that are meshed: it has a number of its own. */
  readonly meshed: boolean;
  /** Addresses outside have a label for each family, not one for both; null where the families are not known. */
  readonly worldByFamily: boolean | null;
  /** DNS rules refuse other questions where nothing isolates. */
  readonly questionsIsolate: boolean;
  /** Mutual authentication is known to be off, so that rules that ask for it let nothing pass. */
  readonly authenticationOff: boolean;
  /** `fromRequires` and `toRequires` went with 1.19; kept while the version is not known. */
  readonly requires: boolean;
  /** DNS rules hold beside rules that do not name their port; told where `fromRequires` does not ask for another order. */
  readonly questionsByPort: boolean;
  /** Exceptions that are larger than their block are refused from 1.20. */
  readonly exceptInside: boolean;
  /** `except` beside a group of blocks came with 1.17; earlier releases refuse it, or break of it. */
  readonly groupExcept: boolean;
  /** Policies for nodes may have DNS rules from 1.17 on. */
  readonly nodeDns: boolean;
  /** The operator derives policies from those with cloud groups, and the agent leaves these out: until 1.20. */
  readonly derivesGroups: boolean;
  /** A leading `**.` of a pattern for names is any number of labels from 1.19 on. */
  readonly deepNames: boolean;
  /** `toServices` beside `toPorts` came with 1.19. */
  readonly servicePorts: boolean;
  /** Parsers of one port have to agree whatever the selectors are: until 1.18. */
  readonly parsersByPort: boolean;
  /** From 1.16 on the CRD wants one parser in `rules`, and one form in an entry of names. */
  readonly exactlyOne: boolean;
}

/** Where DNS rules let other questions pass when nothing isolates (cilium/cilium pull request 38841 and its backports). */
const QUESTIONS_PASS = ['1.16.10', '1.17.4', '1.18'] as const;

/**
 * Reads the options. Where nothing is known of the configuration, features that are off by default count as on: the
 * policy is then read as it was written.
 */
export function readOptions(semantics: Semantics): CiliumOptions {
  const { options } = semantics;
  const known = Object.keys(options).some((key) => key !== 'version');
  const off = (key: string): boolean => options[key] === 'false';
  const on = (key: string): boolean => options[key] === 'true' || (!known && options[key] === undefined);
  const version = options['version'] ?? '';
  const asWritten = options['engine'] === undefined;
  return {
    hostFirewall: on('enable-host-firewall'),
    nodeSelectorLabels: on('enable-node-selector-labels'),
    l7Proxy: !off('enable-l7-proxy'),
    icmpRules: !off('enable-icmp-rules'),
    nonDefaultDeny:
      (!off('enable-non-default-deny-policies') || atLeast(version, '1.20.2') === false) &&
      (asWritten || atLeast(version, '1.16') !== false),
    extendedProtocols: on('enable-extended-ip-protocols'),
    normalPaths: !off('http-normalize-path'),
    tunnelProtocols: atLeast(version, '1.20') !== false,
    otherParsers: atLeast(version, '1.20') !== true,
    meshEntity: atLeast(version, '1.20') !== false,
    namespaceEntity: atLeast(version, '1.21') !== false,
    localPeers: peersAreLocal(semantics),
    meshed: (options['cluster-id'] ?? '0') !== '0',
    worldByFamily: bothFamilies(options),
    questionsIsolate: hasSince(version, QUESTIONS_PASS) === false,
    authenticationOff: off('mesh-auth-mutual-enabled') || off('mesh-auth-enabled'),
    requires: atLeast(version, '1.19') !== true,
    questionsByPort: atLeast(version, '1.19') === true,
    exceptInside: atLeast(version, '1.20') !== false,
    groupExcept: atLeast(version, '1.17') !== false,
    nodeDns: atLeast(version, '1.17') !== false,
    derivesGroups: atLeast(version, '1.20') !== true,
    deepNames: atLeast(version, '1.19') !== false,
    servicePorts: atLeast(version, '1.19') !== false,
    parsersByPort: atLeast(version, '1.18') === false,
    exactlyOne: atLeast(version, '1.16') !== false,
  };
}

/** Null where the configuration does not say it of both. */
function bothFamilies({ 'enable-ipv4': four, 'enable-ipv6': six }: Semantics['options']): boolean | null {
  return four === undefined || six === undefined ? null : four === 'true' && six === 'true';
}
