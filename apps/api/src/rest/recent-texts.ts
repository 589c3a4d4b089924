/**
 * Texts of objects that many answers have in common. Of those that were told last at least `most` / 2 are there, and no text
 * outlives its object. They go half of them at a time, as a table that takes one in and lets one go with each answer would
 * keep what it let go of until the whole heap is collected.
 */
export class RecentTexts<K extends object> {
  private newer = new WeakMap<K, string>();
  private older = this.newer;
  private count = 0;

  constructor(private readonly most: number) {}

  get(key: K): string | undefined {
    return this.newer.get(key) ?? this.older.get(key);
  }

  set(key: K, text: string): void {
    if (this.count >= this.most / 2) {
      this.older = this.newer;
      this.newer = new WeakMap();
      this.count = 0;
    }
    this.newer.set(key, text);
    this.count += 1;
  }
}
