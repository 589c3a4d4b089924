import { postJson } from '../http-send.js';
import type { MessageWords } from '../message.js';
import type { Sender } from '../sender.js';

const MOST_SECTION = 3_000;
const MOST_HEADER = 150;
const MOST_FACTS = 10;

/** An incoming webhook of Slack, as blocks with a text beside them. */
export const sendSlack: Sender<'slack'> = async ({ url }, message, options) => {
  await postJson(url, { text: escapeSlack(message.title), blocks: slackBlocks(message) }, options);
};

/** What Slack would read as markup is written as text. */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function slackBlocks({ title, text, facts, link }: MessageWords): readonly unknown[] {
  const section = (mrkdwn: string) => ({ type: 'section', text: { type: 'mrkdwn', text: cut(mrkdwn, MOST_SECTION) } });
  const fields = facts.slice(0, MOST_FACTS).map(({ name, value }) => ({
    type: 'mrkdwn',
    text: cut(`*${escapeSlack(name)}*\n${escapeSlack(value)}`, 2_000),
  }));
  return [
    { type: 'header', text: { type: 'plain_text', text: cut(title, MOST_HEADER) } },
    ...(text === '' ? [] : [section(escapeSlack(text))]),
    ...(fields.length === 0 ? [] : [{ type: 'section', fields }]),
    ...(link === null ? [] : [section(`<${link}|Read on>`)]),
  ];
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
