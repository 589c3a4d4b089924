/** Why something could not be delivered. */
export class DeliveryError extends Error {
  override readonly name: string = 'DeliveryError';
  /** How long the other side asks not to be tried again; 0 when it does not say. */
  readonly retryAfterMs: number;

  /** `isFinal`: it would fail again, so it is not tried again by itself. */
  constructor(
    message: string,
    readonly isFinal: boolean,
    { retryAfterMs = 0, ...options }: ErrorOptions & { readonly retryAfterMs?: number } = {},
  ) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Nobody is there any more, and the other side says so: nothing else should be sent either. */
export class TargetGoneError extends DeliveryError {
  override readonly name = 'TargetGoneError';

  constructor(message: string) {
    super(message, true);
  }
}
