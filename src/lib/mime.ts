/** What people keep on cloud drives; extensions in lower case. Texts carry no charset: nobody knows it. */
const typesByExtension: Readonly<Record<string, string>> = expand({
  'video/mp4': 'mp4 m4v',
  'video/x-matroska': 'mkv mk3d',
  'video/webm': 'webm',
  'video/quicktime': 'mov qt',
  'video/x-msvideo': 'avi',
  'video/x-ms-wmv': 'wmv',
  'video/x-ms-asf': 'asf',
  'video/x-flv': 'flv f4v',
  'video/mpeg': 'mpg mpeg mpe vob m2v',
  'video/mp2t': 'ts m2ts mts',
  'video/3gpp': '3gp',
  'video/3gpp2': '3g2',
  'video/ogg': 'ogv',
  'application/vnd.rn-realmedia': 'rm',
  'application/vnd.rn-realmedia-vbr': 'rmvb',
  'application/vnd.apple.mpegurl': 'm3u8',
  'application/dash+xml': 'mpd',
  'audio/mpeg': 'mp3 mp2',
  'audio/mp4': 'm4a m4b m4r',
  'audio/aac': 'aac',
  'audio/flac': 'flac',
  'audio/ogg': 'ogg oga',
  'audio/opus': 'opus',
  'audio/wav': 'wav',
  'audio/x-ms-wma': 'wma',
  'audio/x-ape': 'ape',
  'audio/x-aiff': 'aif aiff',
  'audio/x-matroska': 'mka',
  'audio/ac3': 'ac3',
  'audio/vnd.dts': 'dts',
  'audio/amr': 'amr',
  'audio/midi': 'mid midi',
  'audio/x-mpegurl': 'm3u',
  'image/jpeg': 'jpg jpeg jpe jfif',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/heic': 'heic',
  'image/heif': 'heif',
  'image/bmp': 'bmp',
  'image/tiff': 'tif tiff',
  'image/svg+xml': 'svg svgz',
  'image/x-icon': 'ico',
  'image/vnd.adobe.photoshop': 'psd',
  'image/x-adobe-dng': 'dng',
  'application/x-subrip': 'srt',
  'text/x-ssa': 'ass ssa',
  'text/vtt': 'vtt',
  'text/x-microdvd': 'sub',
  'application/pdf': 'pdf',
  'application/epub+zip': 'epub',
  'application/x-mobipocket-ebook': 'mobi azw3 azw',
  'image/vnd.djvu': 'djvu',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.ms-powerpoint': 'ppt',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
  'application/vnd.oasis.opendocument.text': 'odt',
  'application/vnd.oasis.opendocument.spreadsheet': 'ods',
  'application/rtf': 'rtf',
  'application/zip': 'zip',
  'application/vnd.rar': 'rar',
  'application/x-7z-compressed': '7z',
  'application/x-tar': 'tar',
  'application/gzip': 'gz tgz',
  'application/x-bzip2': 'bz2',
  'application/x-xz': 'xz',
  'application/zstd': 'zst',
  'application/vnd.comicbook+zip': 'cbz',
  'application/vnd.comicbook-rar': 'cbr',
  'application/x-iso9660-image': 'iso',
  'application/x-apple-diskimage': 'dmg',
  'application/vnd.android.package-archive': 'apk',
  'application/vnd.microsoft.portable-executable': 'exe dll',
  'application/x-msi': 'msi',
  'application/vnd.debian.binary-package': 'deb',
  'application/x-bittorrent': 'torrent',
  'application/wasm': 'wasm',
  'font/ttf': 'ttf',
  'font/otf': 'otf',
  'font/woff': 'woff',
  'font/woff2': 'woff2',
  'text/plain': 'txt log ini conf cfg nfo lrc strm cue',
  'text/markdown': 'md markdown',
  'text/html': 'html htm',
  'application/xhtml+xml': 'xhtml',
  'text/css': 'css',
  'text/csv': 'csv',
  'text/javascript': 'js mjs',
  'application/json': 'json',
  'application/xml': 'xml opf',
  'application/yaml': 'yml yaml',
  'application/x-sh': 'sh',
})

const unknownType = 'application/octet-stream'

/** The media type a name's extension stands for, without a charset; `application/octet-stream` when unknown. */
export function mediaTypeOf(name: string): string {
  const extension = extensionOf(name)
  return Object.hasOwn(typesByExtension, extension)
    ? (typesByExtension[extension] ?? unknownType)
    : unknownType
}

/** What follows the last dot, in lower case; empty when there is none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase()
}

/** Whether a browser that shows a body of this type may run scripts it contains. */
export function isActiveType(mediaType: string): boolean {
  return /^(?:text\/html|[a-z]+\/(?:[\w.-]+\+)?xml)$/.test(mediaType)
}

function expand(extensionsByType: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(extensionsByType).flatMap(([type, extensions]) =>
      extensions.split(' ').map((extension) => [extension, type]),
    ),
  )
}
