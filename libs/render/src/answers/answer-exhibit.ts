import { counted, type Answer, type BlastView, type FixView, type PredictedFix } from '#engine';

import type { Exhibit } from '../exhibit.js';
import { escapeMarkdown } from '../table/table.js';
import { blastGraph } from './blast-graph.js';
import { blastHeadline, blastTable } from './outside-tables.js';
import { pathGraph } from './path-graph.js';
import { stepsTable } from './steps-table.js';

/** One answer in every form. `place` says which state of which cluster it is about, `data` is all that is known of it. */
export function answerExhibit(
  answer: Answer,
  place: string,
  { data = answer, fixes = answer.fixes }: { readonly data?: object; readonly fixes?: readonly FixView[] } = {},
): Exhibit {
  return {
    data,
    table: () => stepsTable(answer),
    graph: () => pathGraph(answer, place),
    words: () => ({ before: verdictMarkdown(answer), after: fixes.map(fixMarkdown).join('\n\n') }),
  };
}

/** A blast radius in every form; Markdown begins with its counts. */
export function blastExhibit(blast: BlastView, place: string, data: object = blast): Exhibit {
  return {
    data,
    table: () => blastTable(blast),
    graph: () => blastGraph(blast, place),
    words: () => ({ before: headAndList(blastHeadline(blast)), after: '' }),
  };
}

function verdictMarkdown({ intended, enforced, source, destination, port, protocol }: Answer): string {
  const on = port === 'any' ? `any ${protocol} port` : `${protocol} ${port}`;
  const pair = `${source.label} → ${destination.label} on ${on}`;
  const told = [`**${enforced.verdict.toUpperCase()}** ${escapeMarkdown(pair)}`, escapeMarkdown(enforced.summary)];
  if (intended.verdict !== enforced.verdict || intended.reason !== enforced.reason) {
    told.push(`Policy says ${intended.verdict}: ${escapeMarkdown(intended.summary)}`);
  }
  return told.join('\n\n');
}

function fixMarkdown(fix: FixView | PredictedFix): string {
  const { title, why, manifest } = fix;
  return [
    `**Fix:** ${escapeMarkdown(title)}`,
    escapeMarkdown(why),
    ...(manifest === '' ? [] : [`\`\`\`yaml\n${manifest.trimEnd()}\n\`\`\``]),
    ...('prediction' in fix && fix.prediction !== null ? [predictionMarkdown(fix.prediction)] : []),
  ].join('\n\n');
}

function predictionMarkdown({ opened, opens, closed, closes }: NonNullable<PredictedFix['prediction']>): string {
  const list = (word: string, pairs: number, which: readonly string[]): string[] =>
    pairs === 0
      ? [`- ${word} nothing`]
      : [`- ${word} ${counted(pairs, 'pair')}`, ...which.map((line) => `  - ${escapeMarkdown(line)}`)];
  return [...list('opens', opened, opens), ...list('closes', closed, closes)].join('\n');
}

/** The first line of a text, and a list of the others: Markdown would run them together. */
function headAndList(text: string): string {
  const [head = '', ...others] = text.split('\n').map(escapeMarkdown);
  return [`**${head}**`, others.map((line) => `- ${line}`).join('\n')].join('\n\n').trimEnd();
}
