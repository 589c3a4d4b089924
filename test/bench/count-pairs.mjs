// Prints the allowed pairs of pods of a JSON list of manifests, the processor time of the process so far in milliseconds,
// and its peak memory in MiB. Runs the built engine.
import { readFileSync } from 'node:fs';

import { compileSnapshot, countPairs, normaliseObject, reachMatrix } from '#engine';

const objects = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const facts = objects.map((object) => normaliseObject(object).fact);
const { inside } = countPairs(reachMatrix(compileSnapshot(facts), 'intended'));
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
process.stdout.write(`${inside} ${Math.round((userCPUTime + systemCPUTime) / 1000)} ${Math.round(maxRSS / 1024)}`);
