import type { Place } from './place.js';
import type { Question } from './question.js';
import { aboutAssertions } from './assertion.questions.js';
import { aboutDrift } from './drift.questions.js';
import { aboutExposure } from './exposure.questions.js';
import { aboutManyClusters } from './fleet.questions.js';
import { aboutProbes } from './probe.questions.js';
import { aboutReachability } from './reachability.questions.js';

/** Every question about a place, in the order in which a reader may want them. */
export function everyQuestion(place: Place): readonly Question[] {
  return [
    ...aboutReachability(place),
    ...aboutExposure(place),
    ...aboutAssertions(place),
    ...aboutProbes(place),
    ...aboutDrift(place),
    ...aboutManyClusters(place),
  ];
}
