import type { Completeness, Provenance } from '#analysis';
import { oncePer } from '#engine';
import { quoted } from './json-text.js';
import { timeText } from './provenance.mapper.js';

/** All answers of a snapshot have the same. */
const completenessText = oncePer((completeness: Completeness): string => JSON.stringify(completeness));

/** The fields of `provenanceToBody` as JSON, without the braces around them. */
export function provenanceText({ asOf, completeness, engineVersion }: Provenance): string {
  const { clusterId, cluster, seq, takenAt, stalenessMs } = asOf;
  const state = `"clusterId":${quoted(clusterId)},"cluster":${quoted(cluster)},"seq":${String(seq)}`;
  const time = `"takenAt":"${timeText(takenAt)}","stalenessMs":${String(stalenessMs)}`;
  const rest = `"completeness":${completenessText(completeness)},"engineVersion":${quoted(engineVersion)}`;
  return `"asOf":{${state},${time}},${rest}`;
}
