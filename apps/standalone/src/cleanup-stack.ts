/** What has been started and must be stopped again, last one first. */
export class CleanupStack {
  private readonly steps: { readonly name: string; readonly run: () => Promise<void> }[] = [];
  private running: Promise<void> | null = null;

  /** `onError` hears of a step that fails; the others run all the same. */
  constructor(private readonly onError: (step: string, error: unknown) => void) {}

  push(name: string, run: () => Promise<void>): void {
    this.steps.push({ name, run });
  }

  /** Runs every step once, however often it is called. */
  run(): Promise<void> {
    return (this.running ??= this.runAll());
  }

  private async runAll(): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await step.run();
      } catch (error) {
        this.onError(step.name, error);
      }
    }
  }
}
