import * as z from 'zod'
import { isStorageError, toStorageError } from '../../core/errors.ts'
import type { Language } from '../../lib/language.ts'
import type { StorageRecord } from '../../vfs/storage-record.ts'
import type { AvailableDriver, SavedStorage, StorageStatus } from '../../vfs/storages.ts'
import type { PageData, SavedStorageData, StorageData, StorageReport } from './contract.ts'
import { ApiError, refuse } from './errors.ts'
import { pageOf, paging, parseId, parseInput, text, whole } from './input.ts'
import { describeCheck, describeNotice, explain } from './messages.ts'
import type { ApiParts } from './parts.ts'
import type { QrLogins } from './qr-logins.ts'
import type { Call, Route } from './route.ts'
import { describeRecord, readStorage } from './storage-mapping.ts'

const pageInput = z.object(paging)
const anyInput = z.record(z.string(), z.unknown())
const driverInput = z.object({ driver: text })
const idInput = z.object({ id: whole })

/** Configured storages, for administrators. */
export function storageRoutes(parts: ApiParts, logins: QrLogins): readonly Route[] {
  const { storages } = parts
  const admin = { access: 'admin' } as const
  const findDriver = (name: string): AvailableDriver | null =>
    storages.drivers.find(({ definition }) => definition.name === name) ?? null

  function describe(record: StorageRecord, language: Language): StorageData {
    const status = storages.status(record)
    const schema = findDriver(record.driver)?.definition.options ?? null
    return {
      ...describeRecord(record, schema),
      status: describeStatus(status, language),
      ...reportOf(status, language),
    }
  }

  function describeSaved(saved: SavedStorage, steps: string, language: Language): SavedStorageData {
    const report = reportOf(storages.status(saved.record), language)
    const data = { id: saved.record.id, ...report }
    if (!saved.initError) return data
    throw new ApiError(500, `${steps}: ${explain(saved.initError, language)}`, data)
  }

  async function list({ query, language }: Call): Promise<PageData<StorageData>> {
    const input = parseInput(pageInput, query)
    const records = await storages.list()
    const content = pageOf(records, input).map((record) => describe(record, language))
    return { content, total: records.length }
  }

  async function find(id: number, steps: string): Promise<StorageRecord> {
    try {
      return await storages.get(id)
    } catch (error) {
      // Clients look for these words to know that a delete has nothing left to do.
      throw isStorageError(error, 'NotFound')
        ? new ApiError(500, `${steps}: storage not found`, { id })
        : error
    }
  }

  async function create({ input, language }: Call): Promise<SavedStorageData> {
    const given = parseInput(anyInput, input)
    const { driver } = parseInput(driverInput, given)
    const found = findDriver(driver)
    if (!found) throw new ApiError(500, `failed get driver new: no driver named: ${driver}`, { id: 0 })
    const saved = await logins.lend((takeLogin) =>
      saying('failed create storage in database', 0, language, () =>
        storages.create(readStorage(given, found.definition, null, takeLogin)),
      ),
    )
    const steps = 'failed init storage but storage is already created: failed init storage'
    return describeSaved(saved, steps, language)
  }

  async function update({ input, language }: Call): Promise<SavedStorageData> {
    const given = parseInput(anyInput, input)
    const { id } = parseInput(idInput, given)
    const old = await find(id, 'failed get old storage')
    const { driver } = parseInput(driverInput, given)
    if (driver !== '' && driver !== old.driver) throw new ApiError(500, 'driver cannot be changed', { id })
    const found = findDriver(old.driver)
    if (!found) throw new ApiError(500, `failed get driver new: no driver named: ${old.driver}`, { id })
    const saved = await logins.lend((takeLogin) =>
      saying('failed update storage in database', id, language, () =>
        storages.update(id, readStorage(given, found.definition, old, takeLogin)),
      ),
    )
    return describeSaved(saved, 'failed init storage', language)
  }

  async function remove({ query }: Call): Promise<null> {
    const { id } = await find(parseId(query), 'failed get storage')
    await storages.delete(id)
    return null
  }

  const setDisabled = (disabled: boolean) => async (call: Call) => {
    const record = await find(parseId(call.query), 'failed get storage')
    if (record.disabled === disabled) {
      throw new ApiError(500, `this storage have ${disabled ? 'disabled' : 'enabled'}`)
    }
    const saved = await storages.setDisabled(record.id, disabled)
    describeSaved(saved, 'failed load storage: failed init storage', call.language)
    return null
  }

  async function reload(): Promise<null> {
    storages.reload().catch((error: unknown) => {
      parts.log.error({ error: toStorageError(error) }, 'storages cannot be loaded anew')
    })
    return null
  }

  const get = async ({ query, language }: Call) =>
    describe(await find(parseId(query), 'failed get storage'), language)

  return [
    { ...admin, method: 'GET', url: '/api/admin/storage/list', answer: list },
    { ...admin, method: 'GET', url: '/api/admin/storage/get', answer: get },
    { ...admin, method: 'POST', url: '/api/admin/storage/create', answer: create },
    { ...admin, method: 'POST', url: '/api/admin/storage/update', answer: update },
    { ...admin, method: 'POST', url: '/api/admin/storage/delete', answer: remove },
    { ...admin, method: 'POST', url: '/api/admin/storage/enable', answer: setDisabled(false) },
    { ...admin, method: 'POST', url: '/api/admin/storage/disable', answer: setDisabled(true) },
    { ...admin, method: 'POST', url: '/api/admin/storage/load_all', answer: reload },
  ]
}

/** Front ends read `data.id` of every failed save, and break without it. */
async function saying<T>(steps: string, id: number, language: Language, save: () => Promise<T>): Promise<T> {
  try {
    return await save()
  } catch (error) {
    if (error instanceof ApiError) throw new ApiError(error.code, error.message, { id })
    if (isStorageError(error, 'AlreadyExists')) {
      throw new ApiError(500, `${steps}: UNIQUE constraint failed: x_storages.mount_path`, { id })
    }
    throw refuse(error, steps, language, { id })
  }
}

function describeStatus(status: StorageStatus, language: Language): string {
  if (status.state !== 'failed') return status.state
  return explain(status.error, language)
}

function reportOf(status: StorageStatus, language: Language): StorageReport {
  const report = status.state === 'work' ? status.report : null
  return {
    checks: (report?.checks ?? []).map((check) => ({
      of: check.of,
      ok: check.error === undefined ? null : check.error === null,
      text: describeCheck(check, language),
    })),
    notices: (report?.notices ?? []).map((notice) => ({
      code: notice.code,
      detail: notice.detail,
      text: describeNotice(notice, language),
    })),
  }
}
