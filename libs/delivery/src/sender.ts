import type { ChannelTarget, ChannelType } from '#contracts';
import type { SendOptions } from './http-send.js';
import type { Message } from './message.js';

type TargetOf<T extends ChannelType> = Extract<ChannelTarget, { readonly type: T }>;

/** Sends a message to one sort of channel. Rejects with a `DeliveryError`. */
export type Sender<T extends ChannelType> = (
  target: TargetOf<T>,
  message: Message,
  options: SendOptions,
) => Promise<void>;
