import {
  changingSnapshot,
  compileSnapshot,
  driftReport,
  ENGINE_VERSION,
  finish,
  flowImpact,
  objectRef,
  parseProtocol,
  type Fact,
} from '#engine';

import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { readFolder } from '../manifests/read-folder.js';
import type { Terminal } from '../terminal.js';
import { readingOf } from './diff-folders.js';
import { tellDrift } from './drift-output.js';
import { readFlows } from './read-flows.js';
import type { WhatIfOptions } from './whatif.command.js';

/** What a change to a folder would do, in this process. */
export async function whatIfFolder(dir: string, options: WhatIfOptions, terminal: Terminal): Promise<ExitCode> {
  const { facts, problems } = await readFolder(dir, terminal);
  const before = compileSnapshot(facts);
  const changes = {
    apply: await readChange('apply', options, terminal),
    remove: (await readChange('remove', options, terminal)).map(({ meta }) => objectRef(meta)),
    promote: options.promote.includes('all') ? ('all' as const) : options.promote,
  };
  const { after, objects, missing } = finish(changingSnapshot(before, changes));
  for (const what of missing) terminal.err(`warning: ${what} is not there`);
  const report = driftReport({
    before,
    after,
    objects,
    reading: options.reading ?? readingOf([before, after]),
  });
  const flows = options.flows === undefined ? undefined : await readFlows(options.flows, terminal);
  const impact = flows?.map(({ src, dst, protocol: name, port }) => {
    const protocol = parseProtocol(name);
    if (protocol === null) throw new CliError(EXIT.usage, `\`${name}\` is no protocol`);
    return { src, dst, protocol, port: port ?? null };
  });
  return tellDrift(
    {
      report,
      title: 'What would change',
      extra: { problems, engineVersion: ENGINE_VERSION },
      flows: impact && [...flowImpact(before, after, impact)].filter(({ effect }) => effect !== 'same'),
    },
    options.output,
    options.failOn,
    terminal,
  );
}

/** A file that nothing can be used of is a mistake: to a pipeline it would look like a change without any effect. */
async function readChange(
  flag: 'apply' | 'remove',
  options: WhatIfOptions,
  terminal: Terminal,
): Promise<readonly Fact[]> {
  const path = options[flag];
  if (path === undefined) return [];
  const { declared } = await readFolder(path, terminal);
  if (declared.length === 0) throw new CliError(EXIT.usage, `--${flag} \`${path}\` holds nothing that can be used`);
  return declared;
}
