import type { Migration } from '../migrate.ts'

/**
 * How many keys a generation has: the most entries one listing can hold. 2^53 keys leave room for two thousand
 * million listings. A part of the layout: it never changes.
 */
export const entriesPerGeneration = 2 ** 22

/**
 * The remembered tree. A listing is a *generation*: its entries never change and are stored under consecutive keys,
 * `generation * entriesPerGeneration + position`, so one integer both groups and orders them. At most one generation
 * of a directory is shown; the others are being recorded, or old and about to be removed.
 *
 * Names are found by 32-bit hashes of theirs: an index over the texts would weigh as much as the texts. The hash only
 * narrows the search, the text decides. Columns without a type keep what they are given:
 * `id` is an integer where that loses nothing; `parent` is null for the listed directory itself, 0 for "has none",
 * else a text; hashes are bytes, or texts when they are no lower-case hex.
 */
export const treeMigrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE listing (
        generation INTEGER PRIMARY KEY AUTOINCREMENT,
        storage_id INTEGER NOT NULL,
        directory TEXT NOT NULL,
        shown INTEGER NOT NULL DEFAULT 0,
        listed_at INTEGER NOT NULL DEFAULT 0,
        count INTEGER NOT NULL DEFAULT 0,
        missing INTEGER NOT NULL DEFAULT 0
      );
      CREATE UNIQUE INDEX listing_shown ON listing (storage_id, directory) WHERE shown = 1;
      CREATE INDEX listing_hidden ON listing (generation) WHERE shown = 0;

      CREATE TABLE entry (
        key INTEGER PRIMARY KEY,
        name_hash INTEGER NOT NULL,
        id NOT NULL,
        parent,
        name TEXT NOT NULL,
        is_directory INTEGER NOT NULL,
        size INTEGER,
        modified_at INTEGER,
        created_at INTEGER,
        sha1,
        md5,
        sha256,
        native TEXT
      );
      CREATE INDEX entry_name ON entry (key / ${entriesPerGeneration}, name_hash);
      CREATE INDEX entry_id ON entry (id);

      CREATE TABLE shortcut (
        storage_id INTEGER NOT NULL,
        path TEXT NOT NULL,
        directory TEXT NOT NULL,
        found_at INTEGER NOT NULL,
        PRIMARY KEY (storage_id, path)
      ) WITHOUT ROWID;
    `,
  },
]
