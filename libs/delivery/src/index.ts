export { CHAT_CONTENT } from './chat-content.js';
export { deliver, outlineOf } from './deliver.js';
export { DeliveryError, TargetGoneError } from './delivery-error.js';
export { postJson } from './http-send.js';
export type { SendOptions } from './http-send.js';
export type { Message, MessageFile, MessageWords } from './message.js';
