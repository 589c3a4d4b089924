import { objectLabel } from '#engine';
import type { Answer } from '#engine';

import { decidingPolicies, deniedFlow, halfText, minimalAllow } from '../denied-flow.js';
import type { RunbookStep } from '../define-runbook.js';
import { isAnswer, type RunbookContext } from '../runbook-context.js';
import { cause, fail, notApplicable, pass, unknown, works } from '../step-result.js';

const ALLOWED_NOW = 'policy lets it pass: nothing denies it';

/** The peers exist, and a Service among them has someone who answers. */
export const peersStep: RunbookStep = {
  id: 'peers',
  title: 'do both peers exist, and does the Service have ready endpoints',
  source: 'inventory',
  expected: 'both are in the snapshot, and a Service leads to ready endpoints on this port',
  decisive: true,
  run(context) {
    const { answer } = context;
    if (!isAnswer(answer)) {
      const near = answer.near.length === 0 ? '' : `; near: ${answer.near.join(', ')}`;
      return cause(answer.message, answer.message, {
        advice: [`check the name and the port that the client uses${near}`],
      });
    }
    const translation = answer.steps.find((step) => step.hop === 'translation')?.why ?? '';
    if (answer.reason === 'SERVICE_WITHOUT_READY_ENDPOINTS') {
      return cause(
        translation,
        `${answer.destination.label} has no ready endpoint: the backend is down, not the network`,
        {
          advice: [
            'look at the pods behind the Service: are there any, are they ready, does its selector match their labels',
          ],
        },
      );
    }
    const found = `${answer.source.label} and ${answer.destination.label} are there`;
    return pass(translation === '' ? found : `${found}; ${translation}`);
  },
};

/** Peers that policy does not see as it sees pods. */
export const kindStep: RunbookStep = {
  id: 'kind-of-peers',
  title: 'is either side beyond the reach of policy (host network, outside the cluster)',
  source: 'inventory',
  expected: 'both sides are pods with an address of their own',
  run({ answer }) {
    if (!isAnswer(answer)) return notApplicable('a peer does not exist');
    const ends = answer.flows.flatMap((flow) => [flow.source, flow.destination]);
    const odd = [...new Map(ends.filter(({ kind }) => kind !== 'pod').map((end) => [end.label, end])).values()];
    if (odd.length === 0) return pass('both sides are pods');
    const evidence = odd.slice(0, 5).map(({ label, kind }) => ({ what: label, value: kind }));
    const names = odd.slice(0, 3).map(({ label }) => label);
    return fail(`${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not an ordinary pod`, {
      evidence,
      next: 'policy knows such a peer by address only: rules by label never match it',
    });
  },
};

/** The engine's verdict now. It settles nothing: why it is denied comes from the steps behind it. */
export const verdictStep: RunbookStep = {
  id: 'verdict',
  title: 'does policy let it pass now',
  source: 'model',
  expected: 'allowed',
  decisive: true,
  run({ answer }) {
    if (!isAnswer(answer)) return notApplicable('a peer does not exist');
    const evidence = readings(answer);
    if (answer.intended.verdict === 'allowed') return pass(answer.intended.summary, { evidence });
    if (answer.intended.verdict === 'undetermined') return unknown(answer.intended.summary, { evidence });
    return fail(answer.intended.summary, { evidence });
  },
};

function readings({ intended, enforced, cni }: Answer): { what: string; value: string }[] {
  return [
    { what: 'as policy says', value: `${intended.verdict} (${intended.reason})` },
    { what: `as ${cni.title} enforces`, value: `${enforced.verdict} (${enforced.reason})` },
  ];
}

/** A flow that policy denies and that passes all the same is no outage; one that only the plugin stops has another cause. */
export const enforcementStep: RunbookStep = {
  id: 'enforcement',
  title: 'does the network plugin do what policy says',
  source: 'model',
  expected: 'the plugin’s reading equals that of the policies',
  run({ answer }) {
    if (!isAnswer(answer)) return notApplicable('a peer does not exist');
    const { intended, enforced, cni } = answer;
    if (intended.verdict === enforced.verdict) return pass(`${cni.title}: ${enforced.verdict}, as policy says`);
    const found = `policy says ${intended.verdict}, ${cni.title} makes it ${enforced.verdict}: ${enforced.summary}`;
    if (enforced.verdict !== 'denied')
      return fail(found, { next: 'the policy is not enforced: run policies-without-effect' });
    return cause(found, `${cni.title} stops it although policy allows it (${enforced.reason})`, {
      advice: ['see the deviations of this plugin in its report: `atlas cni --cluster …`'],
    });
  },
};

/** Which half fails, which rule came nearest and what it missed by, and the least that would admit the flow. */
export const deniedHalfStep: RunbookStep = {
  id: 'denied-half',
  title: 'which half is denied, and which rule came nearest',
  source: 'model',
  expected: 'neither the source’s egress nor the destination’s ingress denies it',
  decisive: true,
  run(context) {
    const { answer } = context;
    if (!isAnswer(answer)) return notApplicable('a peer does not exist');
    const flow = deniedFlow(context);
    if (flow === null)
      return answer.intended.verdict === 'undetermined' ? unknown(answer.summary) : notApplicable(ALLOWED_NOW);
    const near = answer.steps.flatMap((step) => step.nearMisses);
    const halves = flow.halves.map(halfText).join('; ');
    const [nearest] = near;
    const miss = nearest === undefined ? '' : `; nearest rule ${nearest.rule.label}: ${nearest.why}`;
    return cause(
      `${halves}${miss}`,
      `${halves}${miss}`,
      { fix: minimalAllow(context, flow), advice: suspects(context, flow) },
      {
        evidence: near.slice(0, 5).map(({ rule, why }) => ({ what: `near miss ${rule.label}`, value: why })),
      },
    );
  },
};

/** Audits that find the usual mistakes in a policy. */
const MISTAKES = [
  'selector-and-or-confusion',
  'selector-and-too-narrow',
  'rules-not-in-policy-types',
  'direction-listed-without-rules',
  'namespace-label-absent',
  'named-port-unresolved',
  'service-port-not-pod-port',
  'protocol-omitted',
  'dangling-peer',
  'future-pod-exposure',
] as const;

/** The usual mistakes, in the policies that decided. */
function suspects(context: RunbookContext, flow: Parameters<typeof decidingPolicies>[0]): readonly string[] {
  const deciding = new Set(decidingPolicies(flow).map(objectLabel));
  return MISTAKES.flatMap((id) =>
    context
      .check(id)
      .findings.filter(({ object }) => object !== null && deciding.has(objectLabel(object)))
      .map(({ title, remediation }) => `${title}: ${remediation}`),
  );
}

/** Ends a run whose flow policy lets pass, with where to look next. */
export const elsewhereStep: RunbookStep = {
  id: 'look-elsewhere',
  title: 'is there anything left that policy could be',
  source: 'probe',
  expected: 'a connection from a pod like the source succeeds',
  run({ answer }) {
    if (!isAnswer(answer)) return notApplicable('a peer does not exist');
    if (answer.verdict !== 'allowed') return notApplicable('policy does not let it pass');
    return works(
      'policy, its enforcement and what metrics tell were ruled out',
      `policy is not the cause: ${answer.summary}`,
      [
        'connect from a pod like the source: refused means that nothing listens, a time-out that something drops it on the way, success that it comes and goes (run conntrack-saturation)',
        'a firewall of the host or the cloud, and routes between nodes, are outside of what policy decides',
      ],
    );
  },
};
