import { counted } from '../base/index.js';
import { protocolName } from '../model/index.js';
import type { FlowImpact } from './flow-impact.js';
import type { DriftEntryView, DriftExample, DriftReport, ObjectDriftView } from './drift-view.js';
import { sideText } from './drift-side.js';

/** Rows of one table; a comment of a pull request has a limit, and a reader too. */
const MOST_ROWS = 100;

/** `3 dangerous, 1 breaking of 5 differences; policies: 2 changed, 1 only rewritten`, or that there are none. */
export function driftHeadline({ summary }: Pick<DriftReport, 'summary'>): string {
  const { entries, dangerous, breaking, policies } = summary;
  const reach =
    entries === 0
      ? 'no difference in what can talk to what'
      : `${dangerous} dangerous, ${breaking} breaking of ${entries} ${entries === 1 ? 'difference' : 'differences'}`;
  const written = [
    ...(policies.different > 0 ? [`${policies.different} changed`] : []),
    ...(policies.same > 0 ? [`${policies.same} only rewritten`] : []),
  ];
  return written.length === 0 ? reach : `${reach}; policies: ${written.join(', ')}`;
}

/**
 * The report as plain text: a headline, a line for each entry with its causes, and one for each object. `probe` is the
 * command that tries an entry out, but for its id; '' where nothing can be tried, as what is not applied yet.
 */
export function renderDriftText(report: DriftReport, probe = ''): string {
  const lines = [driftHeadline(report), ...legend(report.entries, ({ mark, meaning }) => `  ${mark} ${meaning}`)];
  for (const entry of report.entries) {
    lines.push('', `${effectOf(entry).mark} ${entry.type}  ${entry.summary}`);
    lines.push(...entry.causes.map(({ text }) => `    because ${text}`));
    if (entry.example !== null) {
      lines.push(`    for example ${exampleText(entry.example)}`);
      if (probe !== '') lines.push(`    to try it out: ${probe} --entry ${entry.id}`);
    }
  }
  if (report.objects.length > 0) lines.push('', 'Objects');
  for (const object of report.objects.slice(0, MOST_ROWS)) {
    lines.push(`  ${objectLine(object)}`);
    lines.push(
      ...object.patch.map(
        ({ path, before, after }) => `      ${path}: ${before ?? '(absent)'} → ${after ?? '(absent)'}`,
      ),
    );
  }
  const left = report.objects.length - MOST_ROWS;
  if (left > 0) lines.push(`  and ${left} more, which -o json lists`);
  return `${lines.join('\n')}\n`;
}

/** The report as Markdown that fits a comment of a pull request. Names are other people's text and are escaped. */
export function renderDriftMarkdown(report: DriftReport, title = 'Network drift'): string {
  const lines = [`### ${escape(title)}`, '', `**${escape(driftHeadline(report))}**`];
  if (report.entries.length > 0) {
    lines.push('', '| | change | source | destination | before | after | because |', '|---|---|---|---|---|---|---|');
    lines.push(
      ...report.entries.slice(0, MOST_ROWS).map(entryRow),
      ...more(report.entries.length, report.summary.entries),
      '',
      legend(report.entries, ({ sign, meaning }) => `${sign} ${meaning}`).join(' · '),
    );
  }
  if (report.objects.length > 0) {
    const { added, removed, changed } = report.summary.objects;
    const count = added + removed + changed;
    lines.push('', `<details><summary>${counted(count, 'object')}</summary>`, '');
    lines.push('| change | object | meaning | patch |', '|---|---|---|---|');
    lines.push(...report.objects.slice(0, MOST_ROWS).map(objectRow), ...more(report.objects.length, count));
    lines.push('', '</details>');
  }
  return `${lines.join('\n')}\n`;
}

/** How many kept flows a change was tried on, and of which time they are. */
export interface TriedFlows {
  readonly given: number;
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
}

/** `tried on 3 kept flows that passed, seen since …, last …`. */
export function triedFlowsText({ given, firstSeen, lastSeen }: TriedFlows): string {
  return `tried on ${counted(given, 'kept flow')} that passed, seen since ${firstSeen ?? ''}, last ${lastSeen ?? ''}`;
}

/** Kept flows that a change was tried on, and a table of those that it affects, as Markdown; '' when there are neither. */
export function renderFlowsMarkdown(flows: readonly FlowImpact[], tried: TriedFlows | null = null): string {
  const heading = tried === null ? '' : `\n${triedFlowsText(tried)}\n`;
  if (flows.length === 0) return heading;
  const lines = [
    '',
    `**${counted(flows.filter(({ effect }) => effect === 'cut').length, 'observed flow')} would be cut**`,
    '',
  ];
  lines.push('| effect | source | destination | port | before | after | because |', '|---|---|---|---|---|---|---|');
  lines.push(...flows.slice(0, MOST_ROWS).map(flowRow), ...more(flows.length, flows.length));
  return `${heading}${lines.join('\n')}\n`;
}

function flowRow({ flow, effect, before, after, why }: FlowImpact): string {
  const port = flow.port === null ? protocolName(flow.protocol) : `${protocolName(flow.protocol)} ${flow.port}`;
  return row([effect, flow.src, flow.dst, port, before ?? 'not found', after ?? 'not found', why]);
}

/** A report may be one page of a longer one. */
function more(given: number, all: number): string[] {
  const left = all - Math.min(given, MOST_ROWS);
  return left > 0 ? ['', `and ${left} more`] : [];
}

interface Effect {
  /** In text. */
  readonly mark: string;
  /** In Markdown. */
  readonly sign: string;
  readonly meaning: string;
}

const EFFECTS = {
  both: { mark: '±', sign: '🔴🟠', meaning: 'both' },
  dangerous: { mark: '+', sign: '🔴', meaning: 'dangerous: may let something pass that could not' },
  breaking: { mark: '-', sign: '🟠', meaning: 'breaking: may stop something that passed' },
  neither: { mark: '·', sign: '⚪', meaning: 'neither dangerous nor breaking' },
} as const satisfies Record<string, Effect>;

function effectOf({ dangerous, breaking }: DriftEntryView): Effect {
  if (dangerous) return breaking ? EFFECTS.both : EFFECTS.dangerous;
  return breaking ? EFFECTS.breaking : EFFECTS.neither;
}

/** What the marks of these entries mean. "Both" says something only where the two are told. */
function legend(entries: readonly DriftEntryView[], tell: (effect: Effect) => string): string[] {
  const { both, dangerous, breaking, neither } = EFFECTS;
  const used = new Set<Effect>(entries.map(effectOf));
  const told = used.has(both) ? used.add(dangerous).add(breaking) : used;
  return [dangerous, breaking, both, neither].filter((effect) => told.has(effect)).map(tell);
}

function exampleText({ from, to, protocol, port, before, after }: DriftExample): string {
  return `${from} → ${to} on ${protocol} ${port}: ${before.verdict} → ${after.verdict}`;
}

function objectLine({ type, kindId, object, meaning }: ObjectDriftView): string {
  const name = object.namespace === '' ? object.name : `${object.namespace}/${object.name}`;
  const said = meaning === 'same' ? ' (says the same)' : '';
  return `${type} ${kindId} ${name}${said}`;
}

function entryRow(entry: DriftEntryView): string {
  const { sources, destinations, subjects, direction, type, before, after, causes } = entry;
  const side = (of: typeof sources): string => (of === null ? '' : sideText(of));
  const source = subjects === null ? side(sources) : `${side(subjects)}${direction === null ? '' : ` (${direction})`}`;
  return row([
    effectOf(entry).sign,
    type,
    source,
    side(destinations),
    before,
    after,
    causes.map(({ text }) => text).join('; '),
  ]);
}

function objectRow(object: ObjectDriftView): string {
  const { namespace, name } = object.object;
  const patch = object.patch.map(
    ({ path, before, after }) => `${path}: ${before ?? '(absent)'} → ${after ?? '(absent)'}`,
  );
  const label = `${object.kindId} ${namespace === '' ? name : `${namespace}/${name}`}`;
  return row([object.type, label, object.meaning ?? '', patch.slice(0, 5).join('; ')]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(escape).join(' | ')} |`;
}

/** No cell of ours can break out of its table or become markup. */
function escape(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~@!]/g, (character) => (character === '@' ? '@\u200b' : `\\${character}`));
}
