export * from './base/index.js';
export * from './net/index.js';
export * from './model/index.js';
export * from './normalise/index.js';
export * from './ask/question.js';
export * from './ask/answer.js';
