import { type Fact, objectLabel } from '#engine';
import type { SourceEvent } from '#kube';

/** What a consumer knows after the events it was sent. */
export class Mirror {
  readonly events: SourceEvent[] = [];
  readonly objects = new Map<string, Map<string, Fact>>();
  readonly incomplete = new Map<string, string>();

  readonly sink = (event: SourceEvent): void => {
    this.events.push(event);
    if (event.type === 'incomplete') this.incomplete.set(event.kind, event.reason);
    if (event.type === 'list') {
      this.incomplete.delete(event.kind);
      this.objects.set(event.kind, new Map(event.facts.map((fact) => [objectLabel(fact.meta), fact])));
    }
    if (event.type === 'change') {
      const bucket = this.objects.get(event.kind);
      if (!bucket) throw new Error(`a change of ${event.kind} before its list`);
      if (event.fact) bucket.set(objectLabel(event.ref), event.fact);
      else bucket.delete(objectLabel(event.ref));
    }
  };

  names(kind: string): string[] {
    return [...(this.objects.get(kind)?.keys() ?? [])].sort();
  }

  lists(kind: string): number {
    return this.events.filter((event) => event.type === 'list' && event.kind === kind).length;
  }

  lastBeat(): number {
    const beat = this.events.findLast((event) => event.type === 'heartbeat');
    return beat?.type === 'heartbeat' ? beat.at.getTime() : 0;
  }
}

/** Waits until `test` holds, looking often. */
export async function until(what: string, test: () => boolean, timeoutMs = 20_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!test()) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
