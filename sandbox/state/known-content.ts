/** A file's content whose SHA-1 was computed beforehand. */
export interface KnownContent {
  readonly seed: string
  readonly size: number
  /** Upper hex, as 115 writes it. */
  readonly sha1: string
}

/**
 * Big contents that a scenario may show without anybody hashing gigabytes first. Every row can be recomputed: with
 * `PANPORT_SLOW_TESTS=1` the test beside this file does, and prints what a wrong row should say.
 */
export const KNOWN_CONTENT: readonly KnownContent[] = [
  { seed: 'large', size: 67108864, sha1: '5C8D951E20D2CE6AB585DF1D0FFCCB5B7F0BEC11' },
  { seed: 'large', size: 268435456, sha1: 'B5B5EB1094C92C28AD2AA40A883A0964B1E6CC0B' },
  { seed: 'large', size: 536870912, sha1: '9709550B6221F94087357A568A1E352926234908' },
  { seed: 'large', size: 1073741824, sha1: '794D741FF757898DB6E260A12C6CB26BB6C82DB2' },
  { seed: 'large', size: 2147483648, sha1: 'A5C6DE2AEF939170BDB24A4EBDDFBDF5A3CA24C5' },
  { seed: 'large', size: 4294967297, sha1: 'FB2D23D2A3368171A2F2C01EC5E7C38820B13717' },
  { seed: 'large', size: 5368709120, sha1: 'C9E517F0D4BED7FB8BA1538B4F146DC906A6D150' },
  { seed: 'large', size: 10737418240, sha1: 'AD3042105185B21917B2108AAC0D157113613E88' },
  { seed: 'large', size: 21474836480, sha1: '75366601C30302A26DB90E1F645AFA0C04B449C2' },
  { seed: 'film-1', size: 1503238554, sha1: '078FA72A42ED25F68405F3243767B002281AA2CA' },
  { seed: 'film-2', size: 2362232013, sha1: 'E46DAA7E591CA651DA1D2A8DC2211D5190F2D72B' },
  { seed: 'film-3', size: 3972844749, sha1: '805751D4E1373378190C61310804E80DC190CCB4' },
  { seed: 'film-4', size: 8589946937, sha1: '683CF7ED1E402B0885078EE824D7357B8CCA9990' },
  { seed: 'episode-1', size: 734003200, sha1: '197AD2A663BB0689244D79918EF6859EBBF92450' },
  { seed: 'episode-2', size: 735051776, sha1: '7159512E0B9215E83A76C721B54D3E9C50E1F4C6' },
  { seed: 'episode-3', size: 736100352, sha1: 'C5AE33E57658BBB0EBC7B8370E7334C076A48B38' },
]

/** The SHA-1 of a content in the table, else null. */
export function findKnownSha1(seed: string, size: number): string | null {
  return KNOWN_CONTENT.find((known) => known.seed === seed && known.size === size)?.sha1 ?? null
}
