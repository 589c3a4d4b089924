import type { ChannelTarget } from '#contracts';
import { deliver, DeliveryError, type Message, type SendOptions } from '#delivery';

/** Sends the message of its argument, and prints why it was not taken. */
const { target, message, options } = JSON.parse(process.argv[2] ?? '') as {
  readonly target: ChannelTarget;
  readonly message: Message;
  readonly options: SendOptions;
};
try {
  await deliver(target, { ...message, at: new Date(message.at), files: [] }, options);
} catch (error) {
  if (!(error instanceof DeliveryError)) throw error;
  process.stdout.write(error.message);
}
