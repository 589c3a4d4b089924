import { AppError } from '#contracts';

const UNIQUE_VIOLATION = '23505';

/** Runs a statement that names something. Throws `conflict` when another one has the name. */
export async function namingOnce<T>(what: string, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
    throw new AppError('conflict', `there is a ${what} \`${name}\` already, choose another name`, { cause: error });
  }
}
