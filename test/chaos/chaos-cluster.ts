import { FakeApiServer } from '../support/fake-api-server.js';

const PODS = 'pods';
const POLICIES = 'networking.k8s.io/networkpolicies';
const NAMES = 12;

/** A simulated cluster that remembers every state that its pods were ever in. */
export class ChaosCluster {
  id = '';
  private readonly pods = new Map<string, number>();
  private readonly policies = new Map<string, number>();
  /** In order of time. */
  private readonly states: string[] = [];
  private turn = 0;

  private constructor(
    readonly name: string,
    readonly server: FakeApiServer,
    private readonly random: () => number,
  ) {}

  static async start(name: string, random: () => number): Promise<ChaosCluster> {
    const server = await FakeApiServer.start({ serve: [PODS, 'namespaces', POLICIES] });
    const cluster = new ChaosCluster(name, server, random);
    server.identify(name);
    for (let index = 0; index < NAMES; index++) cluster.change();
    return cluster;
  }

  /** Puts, changes or removes one object; now and then makes every watch start over. */
  change(): void {
    const [resource, objects] =
      this.random() < 0.7 ? ([PODS, this.pods] as const) : ([POLICIES, this.policies] as const);
    const name = `o${Math.floor(this.random() * NAMES)}`;
    if (objects.has(name) && this.random() < 0.3) {
      objects.delete(name);
      this.server.remove(resource, 'shop', name);
    } else {
      this.turn += 1;
      objects.set(name, this.turn);
      const spec = resource === PODS ? { containers: [] } : { podSelector: {} };
      this.server.put(resource, { metadata: { name, namespace: 'shop', labels: { turn: String(this.turn) } }, spec });
    }
    if (resource === PODS) this.states.push(stateOf(this.pods));
    if (this.random() < 0.01) this.server.compact();
    if (this.random() < 0.01) this.server.cut(PODS);
  }

  /** What there is now: `kind name turn`, sorted. */
  truth(): string[] {
    const lines = [...this.pods].map(([name, turn]) => `Pod ${name} ${turn}`);
    return [...lines, ...[...this.policies].map(([name, turn]) => `NetworkPolicy ${name} ${turn}`)].sort();
  }

  /** Number of the state, from this one on, in which its pods were exactly these; -1 when there is none. */
  stateFrom(number: number, pods: ReadonlyMap<string, number>): number {
    return this.states.indexOf(stateOf(pods), number);
  }
}

function stateOf(pods: ReadonlyMap<string, number>): string {
  return [...pods]
    .map(([name, turn]) => `${name}=${turn}`)
    .sort()
    .join();
}
