import 'reflect-metadata';
import { startSync } from './start-sync.js';

await startSync(process.env);
