/** Takes a command's work; its result becomes the exit code. */
export type Run = (work: Promise<number>) => Promise<void>
