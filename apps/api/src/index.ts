export { ApiModule } from './api.module.js';
export { createHttpApplication } from './http/create-http-application.js';
