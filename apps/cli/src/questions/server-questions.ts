import type { Answer, BlastView, ConnectionView, EntryPoint, ExposureView, PolicyLevers, PredictedFix } from '#engine';

import { provenanceLine, type RemoteProvenance } from '../server/provenance-line.js';
import type { ServerClient } from '../server/server-client.js';
import { awaitJob } from '../server/await-job.js';
import type { BlastFound, Fields, Questions, WhyFound } from './questions.js';

/** What an answer says of itself. */
type About = Partial<RemoteProvenance> & { readonly caveat?: string | null };

/** Asks a server about one of its clusters, at a time. */
export class ServerQuestions implements Questions {
  readonly #client: ServerClient;
  readonly #cluster: string;
  readonly #at: string | undefined;
  #about: About = {};

  constructor(client: ServerClient, cluster: string, at: string | undefined) {
    this.#client = client;
    this.#cluster = cluster;
    this.#at = at;
  }

  connections(fields: Fields): AsyncGenerator<readonly ConnectionView[]> {
    return this.#lines('connections', fields);
  }

  async entryPoints(fields: Fields): Promise<readonly EntryPoint[]> {
    const body = this.#note(await this.#client.get(this.#path('entry-points'), { ...fields, at: this.#at }));
    return (body as { readonly items: readonly EntryPoint[] }).items;
  }

  async *exposure(fields: Fields): AsyncGenerator<ExposureView> {
    for await (const rows of this.#lines<ExposureView>('exposure', fields)) yield* rows;
  }

  /** The rows of a list without an end, some at a time. */
  async *#lines<T>(what: string, fields: Fields): AsyncGenerator<readonly T[]> {
    const query = { ...fields, at: this.#at, format: 'ndjson' };
    const { head, lines } = await this.#client.lines(this.#path(what), query);
    this.#note(JSON.parse(head.get('atlas-as-of') ?? '{}'));
    yield* lines as AsyncIterable<readonly T[]>;
  }

  async blast({ levers: wanted, ...fields }: Fields, hear: (progress: string) => void): Promise<BlastFound> {
    const query = { ...fields, at: this.#at, ...(wanted === 'all' ? {} : { levers: wanted }) };
    const body = this.#note(await this.#client.get(this.#path('blast-radius'), query));
    const { levers, ...blast } = body as BlastView & { readonly levers: PolicyLevers | null };
    return { blast, levers: wanted === 'all' ? await this.#everyLever(fields, hear) : levers };
  }

  async #everyLever(fields: Fields, hear: (progress: string) => void): Promise<PolicyLevers> {
    const { of, direction, hops, reading } = fields;
    const body = { of, direction, hops, reading, at: this.#at };
    const job = { path: this.#path('blast-radius/levers'), body, what: 'trying policies' };
    let told = '';
    const { id } = await awaitJob(this.#client, job, ({ done, total }) => {
      const now = `${String(done)} of ${String(total)} changes tried`;
      if (total > 0 && now !== told) hear(now);
      told = now;
    });
    return (await this.#client.get(this.#path(`policy-levers/${id}`))) as PolicyLevers;
  }

  async why(fields: Fields): Promise<WhyFound> {
    const given = Object.entries({ ...fields, cluster: this.#cluster, at: this.#at });
    const question = Object.fromEntries(given.filter(([, value]) => value !== undefined));
    const body = this.#note(await this.#client.post('why', question));
    const answer = body as Answer & { readonly fixes: readonly PredictedFix[] };
    return { answer, fixes: answer.fixes };
  }

  remarks(): readonly string[] {
    const { asOf, completeness, caveat } = this.#about;
    const state = asOf !== undefined && completeness !== undefined ? [provenanceLine({ asOf, completeness })] : [];
    return [...(typeof caveat === 'string' ? [caveat] : []), ...state];
  }

  #note(body: unknown): unknown {
    this.#about = { ...this.#about, ...(body as About) };
    return body;
  }

  #path(what: string): string {
    return `clusters/${encodeURIComponent(this.#cluster)}/${what}`;
  }
}
