import { type WatchedKind, WATCHED_KINDS, field, kindId, list, path, text } from '#engine';

import { KubeFault } from './kube-fault.js';
import { type KubeTransport, parseJson } from './kube-transport.js';

/** A kind that the server serves, in the version that we read it in. */
export interface ServedKind {
  readonly watched: WatchedKind;
  readonly id: string;
  readonly version: string;
  /** Of all its objects in all namespaces, as `/apis/apps/v1/deployments`. */
  readonly path: string;
}

/** What a server serves of the kinds we watch. */
export interface Discovery {
  readonly served: ReadonlyMap<string, ServedKind>;
  /** Kinds of which the server could not tell (an aggregated API that is down), with the reason. */
  readonly unknown: ReadonlyMap<string, string>;
}

const AGGREGATED = 'g=apidiscovery.k8s.io;as=APIGroupDiscoveryList';
const ACCEPT = [`application/json;v=v2;${AGGREGATED}`, `application/json;v=v2beta1;${AGGREGATED}`, 'application/json'];
const CALICO_API = 'projectcalico.org';
const CALICO_STORAGE = 'crd.projectcalico.org';

interface Resource {
  readonly kind: string;
  readonly resource: string;
  readonly verbs: readonly unknown[];
}
/** Resources by `group/version`; a text is the reason why they could not be told. */
type Catalogue = Map<string, readonly Resource[] | string>;

/** Asks which kinds are served. Keeps the last answer, so that asking again costs next to nothing. */
export class DiscoveryClient {
  private etag = '';
  private last: Discovery | null = null;

  constructor(private readonly transport: KubeTransport) {}

  /** Throws `KubeFault` when the server as a whole cannot be asked. */
  async discover(signal: AbortSignal): Promise<Discovery> {
    const ifNoneMatch = this.last !== null && this.etag !== '' ? this.etag : undefined;
    const options = { signal, what: 'API discovery', accept: ACCEPT.join(',') };
    const groups = await this.transport.get('/apis', ifNoneMatch === undefined ? options : { ...options, ifNoneMatch });
    if (groups.status === 304 && this.last !== null) return this.last;
    const catalogue: Catalogue = new Map();
    if (groups.contentType.includes('as=APIGroupDiscoveryList')) {
      const core = await this.transport.get('/api', options);
      readAggregated(parseJson(core.body, 'API discovery'), catalogue);
      readAggregated(parseJson(groups.body, 'API discovery'), catalogue);
      this.etag = groups.etag;
    } else {
      await this.readGroups(parseJson(groups.body, 'API discovery'), catalogue, signal);
      this.etag = '';
    }
    this.last = choose(catalogue);
    return this.last;
  }

  /** The way of servers before Kubernetes 1.27: one request for each group and version. */
  private async readGroups(groups: unknown, catalogue: Catalogue, signal: AbortSignal): Promise<void> {
    const offered = new Set(['v1']);
    for (const group of list(field(groups, 'groups'))) {
      for (const version of list(field(group, 'versions'))) offered.add(text(field(version, 'groupVersion')));
    }
    for (const groupVersion of watchedGroupVersions()) {
      if (!offered.has(groupVersion)) continue;
      const at = groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
      try {
        const answer = await this.transport.getJson(at, { signal, what: `API discovery of \`${groupVersion}\`` });
        catalogue.set(groupVersion, list(field(answer, 'resources')).map(plainResource));
      } catch (error) {
        if (signal.aborted || !(error instanceof KubeFault) || error.type === 'network') throw error;
        if (error.type !== 'not-found') catalogue.set(groupVersion, error.message);
      }
    }
  }
}

function watchedGroupVersions(): Set<string> {
  return new Set(
    WATCHED_KINDS.flatMap(({ group, versions }) => versions.map((version) => groupVersionOf(group, version))),
  );
}

function groupVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

function plainResource(value: unknown): Resource {
  return { kind: text(field(value, 'kind')), resource: text(field(value, 'name')), verbs: list(field(value, 'verbs')) };
}

function readAggregated(answer: unknown, catalogue: Catalogue): void {
  for (const item of list(field(answer, 'items'))) {
    const group = text(path(item, 'metadata', 'name'));
    for (const entry of list(field(item, 'versions'))) {
      const groupVersion = groupVersionOf(group, text(field(entry, 'version')));
      const resources = list(field(entry, 'resources')).map((value): Resource => ({
        kind: text(path(value, 'responseKind', 'kind')),
        resource: text(field(value, 'resource')),
        verbs: list(field(value, 'verbs')),
      }));
      const isStale = text(field(entry, 'freshness')) === 'Stale';
      catalogue.set(groupVersion, isStale ? `the API \`${groupVersion}\` does not answer at the moment` : resources);
    }
  }
}

function choose(catalogue: Catalogue): Discovery {
  const served = new Map<string, ServedKind>();
  const unknown = new Map<string, string>();
  const hasCalicoApi = [...catalogue.keys()].some((groupVersion) => groupVersion.startsWith(`${CALICO_API}/`));
  for (const watched of WATCHED_KINDS) {
    // Both groups hold the same objects: reading both would double every Calico policy.
    if (watched.group === CALICO_STORAGE && hasCalicoApi) continue;
    const id = kindId(watched);
    for (const version of watched.versions) {
      const groupVersion = groupVersionOf(watched.group, version);
      const resources = catalogue.get(groupVersion);
      if (typeof resources === 'string') unknown.set(id, resources);
      else if (resources?.some((resource) => matches(resource, watched))) {
        const prefix = watched.group === '' ? '/api' : '/apis';
        served.set(id, { watched, id, version, path: `${prefix}/${groupVersion}/${watched.resource}` });
        unknown.delete(id);
        break;
      }
    }
  }
  return { served, unknown };
}

function matches(resource: Resource, watched: WatchedKind): boolean {
  if (resource.kind !== watched.kind || resource.resource !== watched.resource) return false;
  return resource.verbs.includes('list') && resource.verbs.includes('watch');
}
