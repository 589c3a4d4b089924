import { createHash } from 'node:crypto';
import { digestOf } from '../digest.js';
import {
  activeFindings,
  EVIDENCE_NOTE,
  placeOf,
  titleOf,
  type ReportFinding,
  type ReportModel,
} from '../report-model.js';

/**
 * OSCAL assessment results. Every finding is an observation; a control is told as not satisfied where a check for it
 * fails, and not told as satisfied where all hold: that takes a person.
 */
export function renderOscal(model: ReportModel): string {
  const digest = digestOf(model);
  const id = (...parts: readonly string[]): string => uuidFrom([digest, ...parts].join('\0'));
  const controls = model.frameworks.flatMap((framework) => framework.controls);
  const observations = activeFindings(model).map((finding) => observationOf(model, finding, id));
  const results = {
    uuid: id('result'),
    title: titleOf(model),
    description: EVIDENCE_NOTE,
    start: model.snapshot?.takenAt ?? model.createdAt,
    end: model.createdAt,
    'reviewed-controls': {
      'control-selections': [
        controls.length === 0
          ? { 'include-all': {} }
          : { 'include-controls': controls.map(({ control }) => ({ 'control-id': controlId(control) })) },
      ],
    },
    ...(observations.length === 0 ? {} : { observations }),
    ...findingsOf(model, id),
  };
  const document = {
    'assessment-results': {
      uuid: id('document'),
      metadata: {
        title: titleOf(model),
        'last-modified': model.createdAt,
        version: String(model.audit.number),
        'oscal-version': '1.1.3',
        props: [{ name: 'content-digest', ns: 'https://netpol-atlas.example/ns', value: digest }],
      },
      'import-ap': { href: '#', remarks: 'automated checks of network policy; there is no assessment plan document' },
      results: [results],
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

type MakeId = (...parts: readonly string[]) => string;

function observationOf(model: ReportModel, finding: ReportFinding, id: MakeId) {
  const { fingerprint, title, evidence, proof, check, severity } = finding;
  const told = [
    ...evidence.map(({ what, value }) => `${what}: ${value}`),
    ...(proof === '' ? [] : [`proof: ${proof}`]),
  ];
  return {
    uuid: id('observation', fingerprint),
    title,
    description: `${severity}: ${title} (${placeOf(finding)})`,
    props: [{ name: 'check', ns: 'https://netpol-atlas.example/ns', value: check }],
    methods: ['TEST'],
    types: ['finding'],
    collected: model.snapshot?.takenAt ?? model.createdAt,
    'relevant-evidence': [{ description: told.length === 0 ? title : told.join('\n') }],
  };
}

/** One finding for each control with a gap. */
function findingsOf(model: ReportModel, id: MakeId) {
  const active = activeFindings(model);
  const gaps = model.frameworks.flatMap(({ name, controls }) =>
    controls.filter(({ status }) => status === 'gaps').map((control) => ({ framework: name, ...control })),
  );
  const findings = gaps.map(({ framework, control, failed }) => ({
    uuid: id('finding', framework, control),
    title: `${framework} ${control}`,
    description: `checks that fail: ${failed.join(', ')}`,
    target: {
      type: 'objective-id',
      'target-id': controlId(control),
      status: { state: 'not-satisfied', reason: 'fail' },
    },
    'related-observations': active
      .filter(({ check }) => failed.includes(check))
      .map(({ fingerprint }) => ({ 'observation-uuid': id('observation', fingerprint) })),
  }));
  return findings.length === 0 ? {} : { findings };
}

/** A control's id as OSCAL's tokens allow it: `SC-7(5)` is `sc-7.5`. */
export function controlId(control: string): string {
  const token = control
    .toLowerCase()
    .replaceAll(/\(([^)]*)\)/g, '.$1')
    .replaceAll(/[^\p{L}\p{N}.\-_]/gu, '-');
  return /^\d/.test(token) ? `c-${token}` : token;
}

/** A UUID (version 5 by its form) that equal texts share. */
function uuidFrom(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8(((bytes[6] ?? 0) & 0x0f) | 0x50, 6);
  bytes.writeUInt8(((bytes[8] ?? 0) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
