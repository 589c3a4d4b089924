import { postJson } from '../http-send.js';
import type { MessageWords } from '../message.js';
import type { Sender } from '../sender.js';

const MOST_SECTION = 3_000;
const MOST_HEADER = 150;
const MOST_FIELDS = 10;
/** What a phone shows of a field in one line. */
const MOST_FIELD_VALUE = 32;
const MOST_LINE = 500;

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
  return [
    { type: 'header', text: { type: 'plain_text', text: cut(title, MOST_HEADER) } },
    ...(title.length > MOST_HEADER ? [section(escapeSlack(title))] : []),
    ...(text === '' ? [] : [section(escapeSlack(text))]),
    ...(facts.length === 0 ? [] : [factsBlock(facts)]),
    ...(link === null ? [] : [section(`<${link}|Read on>`)]),
  ];
}

/** Short ones beside each other; long ones a line each, as a column of half the width breaks them too often. */
function factsBlock(facts: MessageWords['facts']): unknown {
  const isShort = facts.length <= MOST_FIELDS && facts.every(({ value }) => value.length <= MOST_FIELD_VALUE);
  const told = facts.map(({ name, value }) => [`*${escapeSlack(name)}*`, escapeSlack(value)] as const);
  if (isShort) return { type: 'section', fields: told.map((pair) => ({ type: 'mrkdwn', text: pair.join('\n') })) };
  const lines = told.map((pair) => cut(pair.join(': '), MOST_LINE));
  return { type: 'section', text: { type: 'mrkdwn', text: cut(lines.join('\n'), MOST_SECTION) } };
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
