/** Values that took work to make, by what they are about; the least recently used goes first. */
export class RecentReports<T> {
  private readonly entries = new Map<string, Promise<T>>();

  constructor(private readonly capacity: number) {}

  /** The value of `key`, made once however many ask at the same time. A failure is not kept. */
  get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.entries.get(key) ?? make();
    this.entries.delete(key);
    this.entries.set(key, known);
    known.catch(() => {
      if (this.entries.get(key) === known) this.entries.delete(key);
    });
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.capacity) break;
      this.entries.delete(oldest);
    }
    return known;
  }
}
