import { setImmediate as breathe } from 'node:timers/promises';
import type { ReportFinding, ReportModel } from './report-model.js';

/** Findings that are packed without letting anything else run. */
const SLICE = 100;

/** A model as bytes that can be handed to a thread: all but its findings, and those slice by slice. */
export type PackedModel = readonly [Uint8Array<ArrayBuffer>, ...(readonly Uint8Array<ArrayBuffer>[])];

/** Packs a model with pauses: it may have thousands of findings, and whoever packs it has others to answer. */
export async function packed(model: ReportModel): Promise<PackedModel> {
  const { findings } = model;
  const slices: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < findings.length; at += SLICE) {
    slices.push(bytesOf(findings.slice(at, at + SLICE)));
    await breathe();
  }
  return [bytesOf({ ...model, findings: [] }), ...slices];
}

export function unpacked([rest, ...slices]: PackedModel): ReportModel {
  const findings = slices.flatMap((slice) => valueOf(slice) as ReportFinding[]);
  return { ...(valueOf(rest) as ReportModel), findings };
}

function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

function valueOf(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
