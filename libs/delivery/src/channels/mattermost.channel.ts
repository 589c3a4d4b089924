import { postJson } from '../http-send.js';
import type { Message } from '../message.js';
import type { Sender } from '../sender.js';

const COLOURS: Readonly<Record<Message['severity'], string>> = {
  critical: '#b00020',
  error: '#d9480f',
  warning: '#e8a100',
  info: '#2f6fab',
};

/** An incoming webhook of Mattermost. */
export const sendMattermost: Sender<'mattermost'> = async ({ url, channel }, message, options) => {
  const { title, text, facts, link, severity } = message;
  const attachment = {
    fallback: title,
    color: COLOURS[severity],
    title: asText(title),
    ...(link === null ? {} : { title_link: link }),
    text: asText(text),
    fields: facts.map(({ name, value }) => ({ title: name, value: asText(value), short: value.length < 40 })),
  };
  await postJson(url, { ...(channel === undefined ? {} : { channel }), attachments: [attachment] }, options);
};

/** Markdown has no meaning here, and nobody is called by it. */
export function asText(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|~@]/g, (character) => (character === '@' ? '@\u200b' : `\\${character}`));
}
