/** Three-valued truth: `open` is what the inventory or the question does not tell. */
export type Truth = 'yes' | 'no' | 'open' | 'by-request';

/** Every truth value that a conjunction can take its result from, the worst first. */
export function every(parts: readonly Truth[]): Truth {
  return (['no', 'open', 'by-request'] as const).find((value) => parts.includes(value)) ?? 'yes';
}

export function some(parts: readonly Truth[]): Truth {
  return (['yes', 'by-request', 'open'] as const).find((value) => parts.includes(value)) ?? 'no';
}

export function opposite(value: Truth): Truth {
  if (value === 'yes') return 'no';
  return value === 'no' ? 'yes' : value;
}

export const truth = (value: boolean): Truth => (value ? 'yes' : 'no');
