import { AppError, type ClusterProblem } from '#contracts';
import type { Fact } from '#engine';
import { manifestFacts, MANIFEST_LIMITS, readManifests } from '#manifests';

/** Facts of manifests that came with a request, and what could not be read of them. */
export interface GivenManifests {
  readonly facts: readonly Fact[];
  readonly problems: readonly ClusterProblem[];
}

const MAX_BYTES = 16 * 1024 * 1024;
const LIMITS = { ...MANIFEST_LIMITS, fileBytes: MAX_BYTES, totalBytes: MAX_BYTES, files: 5_000, problems: 100 };

/**
 * Reads manifests of a request: text, or an archive as Base64. Namespaces that are named but not declared are left out
 * when `declaredOnly`, as nobody applies those.
 * @throws AppError `request.invalid` when nothing in it can be read
 */
export async function givenManifests(
  text: string,
  encoding: 'text' | 'base64',
  field: string,
  options: { readonly declaredOnly?: boolean } = {},
): Promise<GivenManifests> {
  const bytes = encoding === 'text' ? Buffer.from(text) : decoded(text, field);
  const set = await readManifests({ bytes, contentType: '', name: 'manifests' }, LIMITS);
  const { facts, declared, problems } = manifestFacts(set);
  if (facts.length === 0) {
    const first = problems[0];
    const why = first === undefined ? 'no object that concerns the network is in it' : placed(first);
    throw invalid(field, `holds nothing that can be used: ${why}`);
  }
  return { facts: options.declaredOnly === true ? declared : facts, problems };
}

function placed({ message, line }: ClusterProblem): string {
  return line === undefined ? message : `${message} (line ${String(line)})`;
}

function decoded(text: string, field: string): Buffer {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) throw invalid(field, 'is not Base64, or give it with `encoding` text');
  return Buffer.from(text, 'base64');
}

function invalid(field: string, detail: string): AppError {
  return new AppError('request.invalid', `\`/${field}\`: ${detail}`, { errors: [{ pointer: `/${field}`, detail }] });
}
