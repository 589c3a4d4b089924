/** What the questions are about, in one cluster. */
export interface Place {
  readonly cluster: string;
  /** Another one, with the same peers. */
  readonly other: string;
  readonly namespace: string;
  readonly from: string;
  readonly to: string;
  readonly port: number;
  /** A pod that nobody has made yet and that reaches `to`. */
  readonly next: string;
  /** The pods that two selectors choose, of which some of the first reach some of the second. */
  readonly selected: { readonly from: string; readonly to: string };
  readonly service: { readonly name: string; readonly port: number };
  /** What is reached from outside. */
  readonly entered: string;
  readonly node: string;
  /** Labels of what is worth the most. */
  readonly sensitive: string;
  /** A policy of `namespace` that isolates what `to` is, and a change of it that lets everyone in. */
  readonly opened: string;
  /** The same policy by its name, to take it away. */
  readonly removed: string;
  /** The cluster as a folder declares it. */
  readonly declared: string;
  /** A pair that is denied in the first snapshot and allowed in the second. */
  readonly turned: { readonly from: string; readonly to: string; readonly port: number };
  /** The entry of its last drift that is tried out. */
  readonly entry: string;
  /** What its probe prints where something is let through that the prediction denies. */
  readonly seen: string;
}

/** A file of expectations: one holds where `to` is closed, one never did, and one has broken. */
export function expectations({ from, to, port, turned }: Pick<Place, 'from' | 'to' | 'port' | 'turned'>): string {
  return JSON.stringify({
    assertions: [
      { name: 'as it is', from, to, port, expect: 'denied' },
      { name: 'not as it is', from, to, port, expect: 'allowed' },
      { name: 'as it was', ...turned, expect: 'denied' },
    ],
  });
}

/** What the command line reads from files, as it has no room for them. */
export function filesOf(place: Place): Readonly<Record<string, string>> {
  const { from, to, port, opened, removed, declared, seen } = place;
  const lines = [
    { from, to, port },
    { from, to: 'no/body', port },
  ];
  return {
    'questions.jsonl': lines.map((line) => JSON.stringify(line)).join('\n'),
    'assertions.json': expectations(place),
    'opened.yaml': opened,
    'removed.yaml': removed,
    'declared.yaml': declared,
    'flows.jsonl': JSON.stringify({ src: from, dst: to, port }),
    'seen.txt': seen,
  };
}
