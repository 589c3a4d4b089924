import { escapeMarkup as e } from '#render';
import { SEVERITIES, type Severity } from '#checks';
import { digestOf } from '../digest.js';
import {
  aboutText,
  acceptedFindings,
  acceptedText,
  activeFindings,
  alsoText,
  fixText,
  EVIDENCE_NOTE,
  placeOf,
  readFindings,
  type ReadFinding,
  type ReportModel,
  type ReportScore,
  type ShortFinding,
  tallyText,
  shortList,
  titleOf,
  unsettledChecks,
  verdictOf,
} from '../report-model.js';
import { COLOURS, GOOD, INK, MUTED, scoreColour } from './severity-colours.js';

/** One file without scripts or anything from elsewhere; prints well. */
export function renderHtml(model: ReportModel): string {
  const accepted = acceptedFindings(model);
  const open = unsettledChecks(model);
  const { bySeverity, manifests } = readFindings(model);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${e(titleOf(model))}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${e(titleOf(model))}</h1>
<p class="verdict">${e(verdictOf(model))}</p>
<p class="lead">${e(tallyText(model))}. ${e(aboutText(model))}</p>
</header>
<section class="overview">
${dial(model.overall)}
${severityBars(model)}
</section>
${section(
  'In short',
  bySeverity.map(
    ({ severity, findings }) => `${weightHead(severity)}<ul>${shortList(findings).map(shortHtml).join('\n')}</ul>`,
  ),
)}
${scoreTable('Frameworks', 'framework', model.frameworks)}
${model.framework === null ? '' : controlsTable(model)}
${scoreTable('Namespaces', 'namespace', model.namespaces)}
${section(
  'Findings',
  bySeverity.map(({ severity, findings }) => `${weightHead(severity)}${findings.map(findingHtml).join('\n')}`),
)}
${section(
  'Manifests',
  manifests.map(
    ({ title, text }, at) =>
      `<figure class="manifest"><figcaption><b>${String(at + 1)}</b> ${e(title)}</figcaption><pre>${e(text)}</pre></figure>`,
  ),
)}
${section(
  'Accepted',
  accepted.map((finding) => `<p>${e(finding.title)} <span class="muted">${e(acceptedText(finding))}</span></p>`),
)}
${section(
  'Not settled',
  open.map(({ number, id, reason }) => `<p><code>${e(number)} ${e(id)}</code> ${e(reason)}</p>`),
)}
${section(
  'Not read',
  model.incomplete.map(({ kind, reason }) => `<p><code>${e(kind)}</code> ${e(reason)}</p>`),
)}
<footer>
${model.framework === null ? '' : `<p>${e(EVIDENCE_NOTE)}</p>`}
<p>Engine ${e(model.engineVersion)}. Content sha256 <code>${digestOf(model)}</code></p>
</footer>
</body>
</html>
`;
}

/** The score as a ring. */
function dial({ score, passed, failed, open }: ReportScore): string {
  const around = 2 * Math.PI * 42;
  const part = ((score ?? 0) / 100) * around;
  const label = score === null ? 'no score' : `score ${String(score)} of 100`;
  return `<figure><svg role="img" aria-label="${label}" viewBox="0 0 110 110" width="150" height="150">
<circle cx="55" cy="55" r="42" fill="none" stroke="#e2e8f0" stroke-width="12"/>
<circle cx="55" cy="55" r="42" fill="none" stroke="${scoreColour(score)}" stroke-width="12" stroke-dasharray="${part.toFixed(2)} ${around.toFixed(2)}" transform="rotate(-90 55 55)"/>
<text x="55" y="57" text-anchor="middle" font-size="26" font-weight="700" fill="${INK}">${score === null ? '–' : String(score)}</text>
<text x="55" y="73" text-anchor="middle" font-size="9" fill="${MUTED}">of 100</text>
</svg><figcaption>${String(passed)} checks hold, ${String(failed)} fail, ${String(open)} could not be told</figcaption></figure>`;
}

function severityBars(model: ReportModel): string {
  const active = activeFindings(model);
  const counts = SEVERITIES.map((severity) => ({
    severity,
    count: active.filter((one) => one.severity === severity).length,
  }));
  const most = Math.max(1, ...counts.map(({ count }) => count));
  const rows = counts.map(({ severity, count }, row) => {
    const y = 6 + row * 26;
    const width = count === 0 ? 0 : Math.max(4, (count / most) * 230);
    return `<text x="70" y="${String(y + 14)}" text-anchor="end" font-size="13" fill="${INK}">${severity}</text>
<rect x="80" y="${String(y)}" width="${width.toFixed(1)}" height="19" rx="3" fill="${COLOURS[severity]}"/>
<text x="${(88 + width).toFixed(1)}" y="${String(y + 14)}" font-size="13" fill="${INK}">${String(count)}</text>`;
  });
  return `<figure><svg role="img" aria-label="${e(`findings by weight: ${tallyText(model)}`)}" viewBox="0 0 350 136" width="350" height="136">
${rows.join('\n')}
</svg><figcaption>findings by weight</figcaption></figure>`;
}

function scoreTable(title: string, what: string, scores: readonly ReportScore[]): string {
  if (scores.length === 0) return '';
  const rows = scores.map(
    ({ name, score, passed, failed, open }) => `<tr><th scope="row">${e(name === '' ? '(no namespace)' : name)}</th>
<td class="bar"><span style="width:${String(score ?? 0)}%;background:${scoreColour(score)}"></span></td>
<td class="number">${score === null ? '–' : String(score)}</td><td class="number">${String(passed)}</td><td class="number">${String(failed)}</td><td class="number">${String(open)}</td></tr>`,
  );
  return `<section><h2>${title}</h2><table><thead><tr><th scope="col">${what}</th><th scope="col"><span class="hidden">bar</span></th><th scope="col" class="number">score</th><th scope="col" class="number">hold</th><th scope="col" class="number">fail</th><th scope="col" class="number">open</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></section>`;
}

const CONTROL_WORDS = {
  evidence: 'checks hold',
  gaps: 'gaps',
  open: 'could not be told',
  'needs-a-person': 'needs a person',
} as const;
const CONTROL_COLOURS = {
  evidence: GOOD,
  gaps: COLOURS.critical,
  open: COLOURS.medium,
  'needs-a-person': MUTED,
} as const;

function controlsTable({ frameworks }: ReportModel): string {
  const rows = frameworks.flatMap(({ controls }) =>
    controls.map(
      ({ control, status, failed, passed, open }) =>
        `<tr><th scope="row">${e(control)}</th><td style="color:${CONTROL_COLOURS[status]}">${CONTROL_WORDS[status]}</td>
<td>${[...failed, ...open, ...passed].map((id) => `<code>${e(id)}</code>`).join(' ')}</td></tr>`,
    ),
  );
  return `<section><h2>Controls</h2><table><thead><tr><th scope="col">control</th><th scope="col">what checks say</th><th scope="col">checks</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></section>`;
}

function weightHead(severity: Severity): string {
  return `<h3 class="weight" style="color:${COLOURS[severity]}">${severity}</h3>`;
}

function shortHtml({ title, fix }: ShortFinding): string {
  return `<li>${e(title)}<br><span class="muted">${e(fix)}</span></li>`;
}

function findingHtml(read: ReadFinding): string {
  const { finding, also } = read;
  const {
    severity,
    title,
    number,
    check,
    evidence,
    proof,
    fix,
    remediation,
    compliance,
    confidence,
    isNew,
    firstSeenAt,
  } = finding;
  const since = firstSeenAt === null ? '' : ` since ${firstSeenAt.slice(0, 10)}`;
  const facts = [
    ...evidence.map(({ what, value }) => [what, value] as const),
    ...(proof === '' ? [] : [['proof', proof] as const]),
    ['do', remediation] as const,
    ...(compliance.length === 0 ? [] : [['evidence for', compliance.join(', ')] as const]),
  ];
  return `<article>
<h4><span class="badge" style="background:${COLOURS[severity]}">${severity}</span> ${e(title)}${isNew ? ' <span class="new">new</span>' : ''}</h4>
<p class="muted"><code>${e(number)} ${e(check)}</code> ${e(placeOf(finding))}${e(since)}${confidence === 'certain' ? '' : `, ${e(confidence)}`}</p>
<dl>${facts.map(([what, value]) => `<dt>${e(what)}</dt><dd>${e(value)}</dd>`).join('\n')}</dl>
${fix === null ? '' : `<p class="fix">Fix: ${e(fixText(read))}</p>`}
${also.length === 0 ? '' : `<p class="muted">This settles too:</p><ul class="also">${also.map((one) => `<li>${e(alsoText(one))}</li>`).join('\n')}</ul>`}
</article>`;
}

function section(title: string, parts: readonly string[]): string {
  return parts.length === 0 ? '' : `<section><h2>${title}</h2>\n${parts.join('\n')}\n</section>`;
}

const STYLE = `
:root{color-scheme:light}
body{font:15px/1.5 system-ui,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;color:${INK};max-width:60rem;margin:2rem auto;padding:0 1.25rem;background:#fff}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .4rem}h2{font-size:1.2rem;margin:2.2rem 0 .7rem;padding-bottom:.25rem;border-bottom:2px solid #e2e8f0}
h4{font-size:1rem;margin:0 0 .2rem}.weight{font-size:.95rem;text-transform:uppercase;letter-spacing:.06em;margin:1.2rem 0 .4rem;break-after:avoid}.verdict{font-size:1.15rem;font-weight:600;margin:.2rem 0}
ul{margin:.2rem 0 .8rem;padding-left:1.2rem}li{margin:.25rem 0;break-inside:avoid}.also{margin:0;font-size:.92rem}.manifest{margin:0 0 1rem;break-inside:avoid}.manifest figcaption{font-size:.95rem;color:${INK};margin-bottom:.3rem}.lead{color:${MUTED};margin:.2rem 0 1.2rem}.muted{color:${MUTED};margin:.1rem 0 .5rem}
.overview{display:flex;gap:2.5rem;flex-wrap:wrap;align-items:center}figure{margin:0}figcaption{font-size:.82rem;color:${MUTED}}
table{border-collapse:collapse;width:100%;font-size:.92rem}th,td{text-align:left;padding:.32rem .5rem;border-bottom:1px solid #e2e8f0;vertical-align:top}
thead th{color:${MUTED};font-weight:600}tbody th{font-weight:500}.number{text-align:right;font-variant-numeric:tabular-nums}
tbody th{white-space:nowrap}.bar{width:30%}.bar span{display:block;height:.62rem;border-radius:.3rem;margin-top:.4rem}
article{border:1px solid #e2e8f0;border-radius:.5rem;padding:.8rem 1rem;margin:0 0 .8rem;break-inside:avoid}
.badge{color:#fff;border-radius:.3rem;padding:.08rem .45rem;font-size:.78rem;font-weight:600}.new{color:${GOOD};font-size:.8rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem .9rem;margin:.3rem 0}dt{color:${MUTED}}dd{margin:0;overflow-wrap:anywhere}
pre{background:#f8fafc;border:1px solid #e2e8f0;border-radius:.4rem;padding:.7rem;overflow-x:auto;font-size:.82rem;line-height:1.4;white-space:pre-wrap}
code{font-size:.88em;background:#f1f5f9;border-radius:.25rem;padding:.05rem .3rem}.fix{margin:.5rem 0 .3rem;font-weight:600}
footer{margin-top:2.5rem;color:${MUTED};font-size:.85rem;border-top:1px solid #e2e8f0;padding-top:.6rem}footer code{overflow-wrap:anywhere}
.hidden{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
@media print{body{margin:0;max-width:none;font-size:11px}h2{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}pre{font-size:9px}@page{margin:16mm;@bottom-right{content:counter(page) ' of ' counter(pages);font-size:9px;color:${MUTED}}}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
