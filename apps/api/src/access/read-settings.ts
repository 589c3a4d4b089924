import { readFileSync } from 'node:fs';
import { AppError } from '#contracts';

/** The text of a file that a variable names. @throws AppError `startup.failed` */
export function readSettings(path: string, variable: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new AppError('startup.failed', `cannot read ${variable} \`${path}\`: ${code}`, { cause: error });
  }
}
