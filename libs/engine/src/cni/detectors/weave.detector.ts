import { enforcesWhenUp, envOf, finding, isFalse, sight } from '../detector.js';
import type { CniDetector } from '../detector.js';

/** Weave Net: its container `weave-npc` enforces, unless EXPECT_NPC is 0. */
export const weaveDetector: CniDetector = {
  id: 'weave',
  detect(view) {
    const seen = sight(view, {
      name: /^weave-net$/,
      labels: { name: 'weave-net' },
      container: /^weave(?:-npc)?$/,
      image: /(?:^|\/)weave-kube$/,
    });
    if (seen === null) return null;
    const [agent] = seen.agents;
    const npc = seen.agents.some((one) => one.containers.some((container) => container.name === 'weave-npc'));
    const expected = !isFalse(envOf(seen.agents, 'EXPECT_NPC'));
    const detail = npc ? `has the container weave-npc${expected ? '' : ', but EXPECT_NPC is 0'}` : 'has no weave-npc';
    return finding({
      profile: 'weave',
      networking: 'weave',
      enforces: npc && expected ? enforcesWhenUp(seen) : 'no',
      version: seen.version,
      evidence: [...seen.evidence, { source: agent?.source ?? '', detail, weight: 0.9 }],
      coverage: seen.coverage,
    });
  },
};
