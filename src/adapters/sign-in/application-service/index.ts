export { type ApplicationServiceOptions, applicationService } from './application-service.ts';
