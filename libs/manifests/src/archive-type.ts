type ArchiveType = 'zip' | 'gzip' | 'tar';

const TAR_MAGIC_OFFSET = 257;

/** Tells an archive by its first bytes, whatever its name or content type says; null when it is none. */
export function archiveType(bytes: Uint8Array): ArchiveType | null {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5)) return 'zip';
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  const magic = Buffer.from(bytes.subarray(TAR_MAGIC_OFFSET, TAR_MAGIC_OFFSET + 5)).toString('latin1');
  return magic === 'ustar' ? 'tar' : null;
}
