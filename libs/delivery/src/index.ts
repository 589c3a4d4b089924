export { addressOf, isPrivateAddress } from './address-guard.js';
export { deliver, outlineOf } from './deliver.js';
export { DeliveryError } from './delivery-error.js';
export { sendHttp } from './http-send.js';
export type { HttpMessage, SendOptions } from './http-send.js';
export type { Message, MessageFile, MessageSeverity } from './message.js';
