import { isAtLeast } from '#checks';

import { clusterOfServer } from '../can/question-source.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { tell } from '../output/tell.js';
import { awaitJob } from '../server/await-job.js';
import { ServerClient } from '../server/server-client.js';
import type { Terminal } from '../terminal.js';
import type { AuditOptions } from './audit.command.js';
import { findingsTelling, renderReport, type ShownFinding, type ShownResult } from './render-report.js';

interface RemoteAudit {
  readonly id: string;
  readonly number: number;
  readonly added: number;
  readonly resolved: number;
  readonly suppressed: number;
  readonly score: number | null;
  readonly asOf: { readonly cluster: string; readonly seq: number; readonly takenAt: string };
  readonly checks: readonly {
    readonly check: string;
    readonly number: string;
    readonly title: string;
    readonly outcome: ShownResult['outcome'];
    readonly reason: string;
  }[];
}

type RemoteFinding = ShownFinding & { readonly check: string; readonly compliance: readonly string[] };

/** Has a server audit one of its clusters, waits for the report and shows it. */
export async function auditOnServer(options: AuditOptions, terminal: Terminal): Promise<ExitCode> {
  const { check, last } = options;
  const { server, cluster } = clusterOfServer(options);
  const client = new ServerClient(server);
  const path = last === true ? `clusters/${encodeURIComponent(cluster)}/audit` : await run(client, cluster, check);
  const whole = (await client.get(path)) as RemoteAudit;
  const isChosen = (id: string): boolean => check.length === 0 || check.includes(id);
  const audit = { ...whole, checks: whole.checks.filter((one) => isChosen(one.check)) };
  const findings = (await findingsOf(client, audit.id, options)).filter((one) => isChosen(one.check));
  const report = { results: resultsOf(audit, findings) };
  const telling = findingsTelling(report, { ...audit, findings }, () => {
    terminal.out(`${renderReport(report, options.all === true)}\n\n${provenance(audit)}`);
  });
  await tell(telling, options.output, terminal);
  if (options.failOn !== 'none') {
    const { failOn } = options;
    if (findings.some((finding) => isAtLeast(finding.severity, failOn))) return EXIT.unexpected;
  }
  return audit.checks.some(({ outcome }) => outcome === 'error') ? EXIT.undetermined : EXIT.ok;
}

/** Starts the audit and waits until it has ended. Gives the path of its report. */
async function run(client: ServerClient, cluster: string, checks: readonly string[]): Promise<string> {
  const body = { clusters: [cluster], ...(checks.length === 0 ? {} : { checks }) };
  const { id } = await awaitJob(client, { path: 'audits', body, what: 'the audit' });
  return `audits/${id}`;
}

async function findingsOf(client: ServerClient, id: string, options: AuditOptions): Promise<readonly RemoteFinding[]> {
  const { items } = await client.list(`audits/${id}/findings`, { namespace: options.namespace });
  return items as readonly RemoteFinding[];
}

function resultsOf(audit: RemoteAudit, findings: readonly RemoteFinding[]): ShownResult[] {
  return audit.checks.map(({ check: id, number, title, outcome, reason }) => {
    const own = findings.filter((finding) => finding.check === id);
    const check = { id, number, title, compliance: own[0]?.compliance ?? [] };
    // What was found may all be suppressed, or lie in another namespace.
    return { check, outcome: outcome === 'fail' && own.length === 0 ? 'pass' : outcome, reason, findings: own };
  });
}

function provenance({ number, added, resolved, suppressed, score, asOf }: RemoteAudit): string {
  const counts = `${added} new, ${resolved} resolved, ${suppressed} suppressed`;
  const rating = score === null ? '' : `, score ${score} of 100`;
  return `audit ${number} of ${asOf.cluster}: ${counts} since the one before${rating}\nas of snapshot ${asOf.seq}, taken ${asOf.takenAt}`;
}
