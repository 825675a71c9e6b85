/** What a script may rely on. 0 to 2 mean the same for every command, the rest belong to `login`. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  expired: 3,
  cancelled: 4,
  refused: 5,
  /** As shells count a SIGINT. */
  interrupted: 130,
} as const
