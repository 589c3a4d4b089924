import type { ReadingName } from '../eval/evaluate-pair.js';
import type { Answer, FlowView, StepView } from './answer.js';

/**
 * The answer for a person: verdict of a reading, evidence, fix, in that order. Plain text, no colour, ends with a line
 * feed.
 */
export function renderText(answer: Answer, reading: ReadingName = 'enforced'): string {
  const [told, other] =
    reading === 'enforced' ? [answer.enforced, answer.intended] : [answer.intended, answer.enforced];
  const lines = [
    `${told.verdict.toUpperCase()}  ${answer.source.label} → ${answer.destination.label} on ${portText(answer)}`,
    `  ${told.summary}`,
  ];
  if (told.verdict !== other.verdict || told.reason !== other.reason) {
    const says = reading === 'enforced' ? 'policy says' : 'this cluster';
    lines.push(`  ${says}: ${other.verdict} (${other.reason}): ${other.summary}`);
  }
  lines.push(`  reason: ${told.reason}   enforced by: ${enforcement(answer)}`);
  if (answer.steps.length > 0) lines.push('', 'Evidence', ...answer.steps.flatMap(step));
  if (answer.flows.length > 1) lines.push('', 'Flows', ...answer.flows.map(flow));
  const limits = [...new Set(answer.flows.flatMap((view) => view.onlyFor))];
  if (limits.length > 0) lines.push('', 'Only for', ...limits.map((limit) => `  ${limit}`));
  const { fixes } = answer;
  for (const [index, fix] of fixes.entries()) {
    const place = fixes.length === 1 ? 'Fix' : `Fix ${index + 1} of ${fixes.length}`;
    lines.push('', `${place}: ${fix.title}`, `  ${fix.why}`);
    if (fix.manifest !== '')
      lines.push(
        '',
        ...fix.manifest
          .trimEnd()
          .split('\n')
          .map((line) => `    ${line}`),
      );
  }
  const notes = answer.diagnostics.map((note) => {
    const object =
      note.object === null
        ? ''
        : `${note.object.kind} ${[note.object.namespace, note.object.name].filter(Boolean).join('/')}`;
    return `  ${note.class}: ${[object, note.pointer].filter(Boolean).join(' ')}: ${note.message}`;
  });
  if (notes.length > 0) lines.push('', 'Worth knowing', ...notes);
  lines.push('', 'Assumed', ...answer.assumptions.map((assumption) => `  ${assumption}`));
  return `${lines.join('\n')}\n`;
}

function portText(answer: Answer): string {
  if (answer.flows.length > 0 && answer.flows.every(({ ports }) => ports === '')) return answer.protocol;
  return answer.port === 'any' ? `any ${answer.protocol} port` : `${answer.protocol} ${answer.port}`;
}

function enforcement(answer: Answer): string {
  const { cni } = answer;
  if (cni.title === '' || cni.title === 'unknown') return 'not known';
  const name = cni.title;
  const words = { yes: name, no: `nothing (${name} does not enforce)`, unknown: `not known (${name})` } as const;
  return words[cni.enforced];
}

const MARKS: Readonly<Record<StepView['decision'], string>> = {
  allow: '✓',
  deny: '✗',
  isolated: '✗',
  unknown: '?',
  pass: '↓',
  'no-match': '·',
  'not-isolated': '·',
  info: '•',
};

function step(view: StepView): string[] {
  const where = view.direction === null ? view.hop : `${view.direction}${view.tier === '' ? '' : `, ${view.tier}`}`;
  const rules = view.rules.length === 0 ? '' : ` [${view.rules.map((rule) => rule.label).join(', ')}]`;
  return [
    `  ${MARKS[view.decision]} ${where}: ${view.why}${rules}`,
    ...view.nearMisses.map((miss) => `      near miss ${miss.rule.label}: ${miss.why}`),
  ];
}

function flow(view: FlowView): string {
  const ports = view.ports === '' ? view.protocol : `${view.protocol} ${view.ports}`;
  const times = view.count === 1 ? '' : ` (${view.count} pairs alike)`;
  return `  ${view.enforced.verdict}: ${view.source.label} → ${view.destination.label} ${ports}${times}`;
}
