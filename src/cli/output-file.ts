import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from './errors.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'its folder may not be written to',
  EPERM: 'its folder may not be written to',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'a part of its path is a file',
  EISDIR: 'it is a folder',
  ENOENT: 'its folder cannot be made',
  ENAMETOOLONG: 'its name is too long',
};

/**
 * Writes a file, and makes its folder.
 * @param option the option that named the file
 * @throws {UsageError} if it cannot be written
 */
export async function writeOutput(option: string, file: string, content: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  } catch (error) {
    throw cannotUse(option, file, error);
  }
}

/** The error of the system as a sentence. */
export function cannotUse(option: string, file: string, error: unknown): UsageError {
  const { code = '' } = error as NodeJS.ErrnoException;
  return new UsageError(
    `${option}: ${file} cannot be written: ${reasons[code] ?? `the system refuses (${code})`}. Choose another file.`,
    { cause: error },
  );
}
