// The kinds of files that listings can be narrowed to, by extension. Which extensions 115 counts to which kind is
// guessed, 2026-10.
const EXTENSIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['1', ['doc', 'docx', 'xls', 'xlsx', 'ppt', 'pptx', 'pdf', 'txt', 'md', 'csv', 'rtf']],
  ['2', ['jpg', 'jpeg', 'png', 'gif', 'bmp', 'webp', 'heic', 'tif', 'tiff', 'svg']],
  ['3', ['mp3', 'flac', 'wav', 'ape', 'aac', 'm4a', 'ogg', 'wma', 'dsf', 'opus']],
  ['4', ['mp4', 'mkv', 'avi', 'ts', 'm2ts', 'mov', 'wmv', 'flv', 'rmvb', 'webm', 'iso', 'mpg', 'm4v']],
  ['5', ['zip', 'rar', '7z', 'tar', 'gz', 'bz2', 'xz']],
  ['6', ['exe', 'apk', 'dmg', 'msi', 'deb', 'rpm', 'ipa']],
  ['7', ['epub', 'mobi', 'azw3', 'chm']],
  ['16', ['srt', 'ass', 'ssa', 'sub', 'idx', 'vtt', 'sup']],
])

const CLASSES: ReadonlyMap<string, string> = new Map([
  ['1', 'DOC'],
  ['2', 'PIC'],
  ['3', 'MUS'],
  ['4', 'AVI'],
  ['5', 'RAR'],
  ['6', 'EXE'],
  ['7', 'BOOK'],
])
const COMBINED: ReadonlyMap<string, readonly string[]> = new Map([
  ['12', ['1', '2', '4']],
  ['15', ['2', '4']],
])

/** Whether the `type` parameter means files of that extension; `99` means all. */
export function isOfType(extension: string, type: string): boolean {
  if (type === '99') return true
  const kinds = COMBINED.get(type) ?? [type]
  return kinds.some((kind) => EXTENSIONS.get(kind)?.includes(extension))
}

export function isVideo(extension: string): boolean {
  return isOfType(extension, '4')
}

/** The `class` of a listing's row; empty for what is of no kind. */
export function classOf(extension: string): string {
  for (const [kind, name] of CLASSES) if (isOfType(extension, kind)) return name
  return ''
}
