import { replyText } from './errors.ts'
import { allowedOnDirectories, type DavRequest, type ServeFile } from './request.ts'

/** Answers GET, HEAD and POST, which means GET here. Throws StorageError. */
export async function get(request: DavRequest, serveFile: ServeFile): Promise<void> {
  const { req, res, path, view, client, query, ctx } = request
  const file = await view.locate(path, ctx)
  const mode = file.storage?.record.davMode
  if (file.entry.kind === 'file' && mode !== undefined) {
    await serveFile({ req, res, view, file, mode, client, query }, ctx)
    return
  }
  if (req.method === 'HEAD') {
    res.writeHead(200, { 'content-type': 'httpd/unix-directory', 'content-length': 0 }).end()
    return
  }
  replyText(request, 405, `Cannot read "${path}": it is a directory`, { allow: allowedOnDirectories })
}
