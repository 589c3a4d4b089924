/** Why something could not be delivered. */
export class DeliveryError extends Error {
  override readonly name: string = 'DeliveryError';

  /** `isFinal`: it would fail again, so it is not tried again by itself. */
  constructor(
    message: string,
    readonly isFinal: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Nobody is there any more, and the other side says so: nothing else should be sent either. */
export class TargetGoneError extends DeliveryError {
  override readonly name = 'TargetGoneError';

  constructor(message: string) {
    super(message, true);
  }
}
