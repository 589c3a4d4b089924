/** One thing that a process cannot work without. */
export interface HealthCheck {
  /** Lower case, as `database`. */
  readonly name: string;
  /** Resolves when all is well, rejects with the reason when it is not. */
  check(): Promise<void>;
}

export interface HealthResult {
  readonly name: string;
  readonly ok: boolean;
  /** '' when ok. One line without secrets. */
  readonly message: string;
  readonly durationMs: number;
}

export interface HealthReport {
  readonly ok: boolean;
  readonly checks: readonly HealthResult[];
}

const DEFAULT_TIMEOUT_MS = 3000;

/** The checks behind `/readyz`. Clusters are none of them: a broken cluster does not make the service unready. */
export class HealthRegistry {
  readonly #checks = new Map<string, HealthCheck>();

  constructor(private readonly timeoutMs = DEFAULT_TIMEOUT_MS) {}

  /** Adds a check, in the place of one with the same name. Returns a function that takes it out. */
  register(check: HealthCheck): () => void {
    this.#checks.set(check.name, check);
    return () => {
      if (this.#checks.get(check.name) === check) this.#checks.delete(check.name);
    };
  }

  /** Runs all checks at once; one that takes too long has failed. Results in order of name. */
  async report(): Promise<HealthReport> {
    const sorted = [...this.#checks.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const checks = await Promise.all(sorted.map((check) => this.#run(check)));
    return { ok: checks.every((check) => check.ok), checks };
  }

  async #run(check: HealthCheck): Promise<HealthResult> {
    const start = performance.now();
    const outcome = await this.#outcome(check);
    const durationMs = Math.round(performance.now() - start);
    return { name: check.name, ok: outcome === '', message: outcome, durationMs };
  }

  async #outcome(check: HealthCheck): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => {
        resolve(`no answer within ${String(this.timeoutMs)} ms`);
      }, this.timeoutMs);
    });
    const run = Promise.resolve()
      .then(() => check.check())
      .then(
        () => '',
        (error: unknown) => (error instanceof Error && error.message !== '' ? error.message : 'failed'),
      );
    try {
      return await Promise.race([run, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
