import { FRAMEWORKS } from '#checks';
import { AppError } from '#contracts';

/** @throws AppError `request.invalid` when one is given that is not there */
export function demandFramework(framework: string | undefined): void {
  if (framework === undefined || Object.hasOwn(FRAMEWORKS, framework)) return;
  const names = Object.keys(FRAMEWORKS).map((name) => `\`${name}\``);
  const detail = `there is no framework \`${framework}\`, give one of ${names.join(', ')}`;
  throw new AppError('request.invalid', detail, { errors: [{ pointer: '/framework', detail }] });
}
