import { escapeSlack, slackBlocks } from './channels/slack.channel.js';
import { adaptiveCard } from './channels/teams.channel.js';
import { literal } from './literal.js';
import type { MessageWords } from './message.js';

/** An answer in a chat, for the one who asked alone. Teams has no such answers. */
export const CHAT_CONTENT = {
  slack: (words: MessageWords): object => ({
    response_type: 'ephemeral',
    text: escapeSlack(words.title),
    blocks: slackBlocks(words),
  }),
  mattermost: ({ title, text, facts }: MessageWords): object => {
    const lines = facts.map(({ name, value }) => `**${literal(name)}**: ${literal(value)}`);
    const parts = [`**${literal(title)}**`, literal(text), lines.join('\n')].filter((part) => part !== '');
    return { response_type: 'ephemeral', text: parts.join('\n\n') };
  },
  // Teams would show a text beside the card, which has the title already.
  teams: (words: MessageWords): object => ({
    type: 'message',
    summary: words.title,
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: adaptiveCard(words) }],
  }),
} as const;
