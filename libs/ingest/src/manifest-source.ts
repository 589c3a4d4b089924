import { stat } from 'node:fs/promises';

import { AppError, isAppError } from '#contracts';
import { type Fact, WATCHED_KINDS, kindId } from '#engine';
import { type ChangeSource, type SourceSink, pause } from '#kube';
import { MANIFEST_LIMITS, listFolder, manifestFacts, readManifests } from '#manifests';

import { factKind } from './pending-batch.js';

/** What manifests are read from. */
export type ManifestOrigin =
  | { readonly type: 'folder'; readonly path: string }
  | { readonly type: 'archive'; readonly path: string }
  /** Null while nothing was uploaded. */
  | { readonly type: 'upload'; readonly load: () => Promise<{ bytes: Uint8Array; contentType: string } | null> };

export interface ManifestSourceOptions {
  /** Time between looks at the files. An upload is looked at on resync only. */
  readonly pollMs: number;
}

const UPLOAD_PULSE_MS = 30_000;

/**
 * Manifests as a change source: everything is read at once, and again whenever a file changed. All kinds count as complete,
 * since the manifests are what there is; what could not be read is told as problems with its place.
 */
export class ManifestSource implements ChangeSource {
  private wake = new AbortController();
  private mustRead = true;
  private fault = '';

  constructor(
    private readonly origin: ManifestOrigin,
    private readonly options: ManifestSourceOptions,
  ) {}

  async run(sink: SourceSink, signal: AbortSignal): Promise<void> {
    const onAbort = (): void => this.wake.abort();
    signal.addEventListener('abort', onAbort);
    let last: string | null = null;
    try {
      while (!signal.aborted) {
        this.wake = new AbortController();
        last = await this.look(sink, last);
        await this.untilNextLook();
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** None: manifests are always read whole. */
  positions(): null {
    return null;
  }

  resync(): void {
    this.mustRead = true;
    this.wake.abort();
  }

  /** Reads when something changed since `last`; returns the new fingerprint, null after a failure. */
  private async look(sink: SourceSink, last: string | null): Promise<string | null> {
    const at = new Date();
    const mustRead = this.mustRead;
    this.mustRead = false;
    try {
      const fingerprint = await this.fingerprint();
      if (mustRead || fingerprint !== last) await this.read(sink);
      sink({ type: 'connection', ok: true, message: '' });
      sink({ type: 'heartbeat', at });
      this.fault = '';
      return fingerprint;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = isAppError(error) ? reason : `cannot read the manifests: ${reason}`;
      // The same fault is told again only to someone who asked again.
      if (mustRead || message !== this.fault) sink({ type: 'connection', ok: false, message });
      this.fault = message;
      return null;
    }
  }

  private async read(sink: SourceSink): Promise<void> {
    const { facts, problems } = manifestFacts(await this.load());
    const byKind = new Map<string, Fact[]>(WATCHED_KINDS.map((kind) => [kindId(kind), []]));
    for (const fact of facts) byKind.get(factKind(fact))?.push(fact);
    for (const [kind, found] of byKind) sink({ type: 'list', kind, facts: found, problems: [], complete: true });
    sink({ type: 'problems', problems });
  }

  private async load(): ReturnType<typeof readManifests> {
    const { origin } = this;
    if (origin.type === 'folder') return readManifests({ dir: origin.path });
    if (origin.type === 'archive') return readManifests({ archive: origin.path });
    const upload = await origin.load();
    if (upload) return readManifests(upload);
    throw new AppError('cluster.source_invalid', 'nothing was uploaded yet; send manifests to this cluster');
  }

  private async fingerprint(): Promise<string> {
    const { origin } = this;
    if (origin.type === 'upload') return '';
    if (origin.type === 'archive') {
      // Whether it can be read at all is said by the reader, in better words.
      const info = await stat(origin.path).catch(() => null);
      return info === null ? 'unreadable' : `${info.mtimeMs} ${info.size} ${info.ino}`;
    }
    const { entries } = await listFolder(origin.path, MANIFEST_LIMITS);
    return entries.map((entry) => `${entry.path} ${entry.mtimeMs} ${entry.size}`).join('\n');
  }

  private async untilNextLook(): Promise<void> {
    if (this.mustRead) return;
    // Nobody changes an upload behind our back: its pulse only says that we are still here.
    const waitMs = this.origin.type === 'upload' ? UPLOAD_PULSE_MS : this.options.pollMs;
    await pause(waitMs, this.wake.signal);
  }
}
