/** What every answer of a server says of the state that it is about. */
export interface RemoteProvenance {
  readonly asOf: {
    readonly cluster: string;
    readonly seq: number;
    readonly takenAt: string;
    readonly stalenessMs: number;
  };
  readonly completeness: {
    readonly incomplete: readonly { readonly kind: string; readonly reason: string }[];
  };
}

/** Which state an answer is about, and what is not fully known of it, a line each. */
export function provenanceLine({ asOf, completeness }: RemoteProvenance): string {
  const age = Math.round(asOf.stalenessMs / 1000);
  const line = `as of snapshot ${String(asOf.seq)} of ${asOf.cluster}, taken ${asOf.takenAt}, known good ${String(age)} s ago`;
  const missing = completeness.incomplete.map(({ kind, reason }) => `\nnot fully known: ${kind} (${reason})`);
  return line + missing.join('');
}
