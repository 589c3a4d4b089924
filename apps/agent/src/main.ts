import { startAgent } from './start-agent.js';

await startAgent(process.env);
