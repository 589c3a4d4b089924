export { digestOf } from './digest.js';
export { FORMATS, renderReport } from './formats/index.js';
export { renderAside, type RenderedFile } from './render-aside.js';
export { reportFinding } from './report-finding.js';
export { reportOfRun } from './report-of-run.js';
export { activeFindings, forFramework, placeOf, tallyText, titleOf } from './report-model.js';
export type { ReportCheck, ReportFinding, ReportModel, ReportScore } from './report-model.js';
