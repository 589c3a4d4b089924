import { postJson } from '../http-send.js';
import { literal } from '../literal.js';
import type { Message, MessageWords } from '../message.js';
import type { Sender } from '../sender.js';

const COLOURS: Readonly<Record<Message['severity'], string>> = {
  critical: 'attention',
  error: 'attention',
  warning: 'warning',
  info: 'accent',
};

/** An Adaptive Card to a workflow of Microsoft Teams that waits for a webhook. */
export const sendTeams: Sender<'teams'> = async ({ url }, message, options) => {
  const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', content: adaptiveCard(message) }];
  await postJson(url, { type: 'message', attachments }, options);
};

export function adaptiveCard({ title, text, facts, link, severity }: MessageWords): object {
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.4',
    fallbackText: title,
    body: [
      {
        type: 'TextBlock',
        text: literal(title),
        size: 'medium',
        weight: 'bolder',
        color: COLOURS[severity],
        wrap: true,
      },
      ...(text === '' ? [] : [{ type: 'TextBlock', text: literal(text), wrap: true }]),
      ...(facts.length === 0
        ? []
        : [
            {
              type: 'FactSet',
              facts: facts.map(({ name, value }) => ({ title: literal(name), value: literal(value) })),
            },
          ]),
    ],
    ...(link === null ? {} : { actions: [{ type: 'Action.OpenUrl', title: 'Read on', url: link }] }),
  };
}
