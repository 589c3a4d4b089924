/** Why something could not be delivered. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';

  /** `isFinal`: it would fail again, so it is not tried again by itself. */
  constructor(
    message: string,
    readonly isFinal: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
