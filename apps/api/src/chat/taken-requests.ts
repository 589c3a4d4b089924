/** Signed requests that were taken lately: whoever has kept one cannot send it again. */
export class TakenRequests {
  /** When each was taken, the oldest first. */
  private readonly taken = new Map<string, number>();

  /** `forMs`: how long a signature is good, and so has to be kept. */
  constructor(private readonly forMs: number) {}

  /** False for one that was taken before. */
  take(signature: string, nowMs: number): boolean {
    for (const [old, atMs] of this.taken) {
      if (nowMs - atMs <= this.forMs) break;
      this.taken.delete(old);
    }
    if (this.taken.has(signature)) return false;
    this.taken.set(signature, nowMs);
    return true;
  }
}
