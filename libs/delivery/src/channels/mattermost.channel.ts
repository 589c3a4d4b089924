import { postJson } from '../http-send.js';
import { literal } from '../literal.js';
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
    fallback: literal(title),
    color: COLOURS[severity],
    title: literal(title),
    ...(link === null ? {} : { title_link: link }),
    text: literal(text),
    fields: facts.map(({ name, value }) => ({ title: literal(name), value: literal(value), short: value.length < 40 })),
  };
  await postJson(url, { ...(channel === undefined ? {} : { channel }), attachments: [attachment] }, options);
};
