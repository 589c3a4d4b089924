import { matchesGlob, type NamespaceScope } from '#access';
import { AppError, matchesLabels, type LabelQuery } from '#contracts';
import { contains, imageNames, kindId, parseCidr, parseIp, type Fact, type IpRange, type Labels } from '#engine';

/** What narrows a list of objects. All that is given must hold. */
export interface ObjectFilter {
  /** Kind ids. */
  readonly kinds?: readonly string[] | undefined;
  /** Names or globs: `*` stands for any text, `?` for one character. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly labels?: LabelQuery | undefined;
  /** Of the namespace that the object is in. */
  readonly namespaceLabels?: LabelQuery | undefined;
  /** An address or a CIDR that an address of the object lies in. */
  readonly address?: string | undefined;
  /** An image of one of its containers, by name or glob; the whole reference, the repository, or its last part. */
  readonly image?: string | undefined;
  /** Name of the node that it runs on. */
  readonly node?: string | undefined;
}

/** The labels of namespaces by name. */
export type NamespaceLabelsOf = (namespace: string) => Labels;

/** Tests objects against a filter. @throws AppError `request.invalid` for an address that is none */
export function objectTest(filter: ObjectFilter, namespaceLabels: NamespaceLabelsOf): (fact: Fact) => boolean {
  const { kinds, namespace, name, labels, namespaceLabels: ofNamespace, address, image, node } = filter;
  const tests: ((fact: Fact) => boolean)[] = [];
  if (kinds !== undefined) {
    const wanted = new Set(kinds);
    tests.push(({ meta }) => wanted.has(kindId(meta)));
  }
  if (namespace !== undefined) tests.push(({ meta }) => matchesGlob(namespace, meta.namespace));
  if (name !== undefined) tests.push(({ meta }) => matchesGlob(name, meta.name));
  if (node !== undefined) tests.push((fact) => fact.type === 'pod' && fact.node === node);
  if (labels !== undefined) tests.push(({ meta }) => matchesLabels(labels, meta.labels));
  if (ofNamespace !== undefined) {
    tests.push(({ meta }) => meta.namespace !== '' && matchesLabels(ofNamespace, namespaceLabels(meta.namespace)));
  }
  if (image !== undefined) tests.push((fact) => imagesOf(fact).some((one) => isImage(one, image)));
  if (address !== undefined) {
    const range = rangeOf(address);
    tests.push((fact) => addressesOf(fact).some((text) => isWithin(text, range)));
  }
  return (fact) => tests.every((test) => test(fact));
}

/** Whether the caller may know of the object. */
export function isSeen({ meta }: Fact, scope: NamespaceScope): boolean {
  return scope.seesObject(kindId(meta), meta.namespace, meta.name);
}

function isImage(reference: string, wanted: string): boolean {
  return imageNames(reference).some((name) => matchesGlob(wanted, name));
}

function imagesOf(fact: Fact): readonly string[] {
  const shape = fact.type === 'pod' ? fact.shape : fact.type === 'workload' ? fact.template : null;
  return shape === null ? [] : shape.containers.map((container) => container.image);
}

function addressesOf(fact: Fact): readonly string[] {
  switch (fact.type) {
    case 'pod':
      return fact.ips;
    case 'node':
      return fact.addresses.map(({ address }) => address);
    case 'service':
      return [...fact.clusterIps, ...fact.externalIps, ...fact.loadBalancerIps];
    case 'endpointslice':
      return fact.endpoints.flatMap(({ addresses }) => addresses);
    case 'namespace':
    case 'workload':
    case 'serviceaccount':
    case 'policy':
    case 'aux':
    case 'rejected':
      return [];
  }
}

function rangeOf(text: string): IpRange {
  const ip = parseIp(text);
  if (ip !== null) return { family: ip.family, from: ip.value, to: ip.value };
  const cidr = parseCidr(text);
  if (cidr !== null) return cidr;
  const detail = `\`${text}\` is neither an address nor a CIDR, give one such as \`10.0.0.0/8\``;
  throw new AppError('request.invalid', detail, { errors: [{ pointer: '/address', detail }] });
}

/** Host names stand among the addresses of nodes. */
function isWithin(text: string, range: IpRange): boolean {
  const ip = parseIp(text);
  return ip !== null && contains(range, ip);
}
